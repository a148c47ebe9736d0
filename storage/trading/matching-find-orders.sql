/*
  The orders ${ids} as commands (see matching-open-orders.sql), and whether they are still PENDING, by id: the order
  they were placed in. No row for an unknown one. Locks nothing.
*/
SELECT entry.symbol, entry.status = 'PENDING' AS is_pending,
       entry.order_id, entry.user_id, entry.side, entry.order_type, entry.time_in_force, entry.post_only,
       entry.self_trade_prevention, entry.maker_bps, entry.taker_bps, entry.created_at, entry.expires_at,
       entry.order_list_id, market.steps_version,
       coalesce(entry.quantity / market.lot_size, 0)::bigint AS lots,
       (coalesce(entry.price, entry.protection_price) / market.tick_size)::bigint AS limit_ticks,
       coalesce(entry.stop_price / market.tick_size, 0)::bigint AS stop_ticks,
       coalesce(entry.reserve_price / market.tick_size, 0)::bigint AS reserve_ticks,
       CASE WHEN entry.quantity IS NULL THEN entry.reserved_amount / (market.tick_size * market.lot_size)
            ELSE 0 END::bigint AS budget
  FROM trading.orders AS entry
  JOIN trading.market_state AS state ON state.symbol = entry.symbol
  JOIN trading.market_versions AS market ON market.symbol = entry.symbol AND market.version = state.version
 WHERE entry.order_id = ANY (${ids}::uuid[])
 ORDER BY entry.order_id;
