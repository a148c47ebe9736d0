/*
  The orders of ${symbol} that rest in its book, as commands in the steps that are in force, by their place in
  line; with what is executed and prevented, in lots and in ticks × lots. Then the stops that wait, which have no
  priority_seq, by their place among them. Locks nothing.
*/
SELECT entry.order_id, entry.user_id, entry.side, entry.order_type, entry.time_in_force, entry.post_only,
       entry.self_trade_prevention, entry.maker_bps, entry.taker_bps, entry.created_at, entry.expires_at,
       entry.order_list_id, market.steps_version,
       coalesce(entry.quantity / market.lot_size, 0)::bigint AS lots,
       (coalesce(entry.price, entry.protection_price) / market.tick_size)::bigint AS limit_ticks,
       coalesce(entry.stop_price / market.tick_size, 0)::bigint AS stop_ticks,
       coalesce(entry.reserve_price / market.tick_size, 0)::bigint AS reserve_ticks,
       CASE WHEN entry.quantity IS NULL THEN entry.reserved_amount / (market.tick_size * market.lot_size)
            ELSE 0 END::bigint AS budget,
       entry.priority_seq, entry.stop_seq,
       (entry.filled_quantity / market.lot_size)::bigint AS executed_lots,
       (entry.executed_quote / (market.tick_size * market.lot_size))::bigint AS executed_quote,
       (entry.prevented_quantity / market.lot_size)::bigint AS prevented_lots
  FROM trading.orders AS entry
  JOIN trading.market_state AS state ON state.symbol = entry.symbol
  JOIN trading.market_versions AS market ON market.symbol = entry.symbol AND market.version = state.version
 WHERE entry.symbol = ${symbol}
   AND entry.status IN ('OPEN', 'PARTIALLY_FILLED')
 ORDER BY entry.priority_seq, entry.stop_seq;
