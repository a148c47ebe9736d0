/*
  Those of the commands ${ids} that have no outcome, by id; a change of the market with its steps, and its limits as
  whole ticks and lots. Locks nothing.
*/
SELECT command_id, kind, user_id, order_id, command.reason, command.content, command.created_at, command.market_version,
       market.status, market.steps_version, trim_scale(market.tick_size)::text AS tick_size,
       trim_scale(market.lot_size)::text AS lot_size,
       ceil(market.min_price / market.tick_size)::bigint AS min_ticks,
       floor(market.max_price / market.tick_size)::bigint AS max_ticks,
       ceil(market.min_quantity / market.lot_size)::bigint AS min_lots,
       floor(market.max_quantity / market.lot_size)::bigint AS max_lots
  FROM trading.commands AS command
  LEFT JOIN trading.market_versions AS market
    ON market.symbol = command.symbol AND market.version = command.market_version
 WHERE command_id = ANY (${ids}::uuid[])
   AND outcome IS NULL
 ORDER BY command_id;
