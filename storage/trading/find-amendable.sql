/*
  The order ${orderId} of ${userId} as a command in its market's newest steps (see matching-open-orders.sql), with its
  status, what of it is executed or prevented in lots, and whether it is a stop whose price has come. No row when the
  user has none such. Locks nothing.
*/
SELECT entry.symbol, entry.status, entry.triggered_at IS NOT NULL AS is_triggered,
       entry.order_id, entry.user_id, entry.side, entry.order_type, entry.time_in_force, entry.post_only,
       entry.self_trade_prevention, entry.maker_bps, entry.taker_bps, entry.created_at, entry.expires_at,
       entry.order_list_id, market.steps_version,
       coalesce(entry.quantity / market.lot_size, 0)::bigint AS lots,
       (coalesce(entry.price, entry.protection_price) / market.tick_size)::bigint AS limit_ticks,
       coalesce(entry.stop_price / market.tick_size, 0)::bigint AS stop_ticks,
       coalesce(entry.reserve_price / market.tick_size, 0)::bigint AS reserve_ticks,
       CASE WHEN entry.quantity IS NULL THEN entry.reserved_amount / (market.tick_size * market.lot_size)
            ELSE 0 END::bigint AS budget,
       ((entry.filled_quantity + entry.prevented_quantity) / market.lot_size)::bigint AS gone_lots
  FROM trading.orders AS entry
  JOIN trading.markets AS market USING (symbol)
 WHERE entry.order_id = ${orderId}::uuid
   AND entry.user_id = ${userId}::uuid;
