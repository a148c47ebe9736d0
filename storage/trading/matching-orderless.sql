/*
  The orders that trades of ${symbol} after trade_seq ${after}, up to ${upTo}, name and that are missing; one row each.
  Locks nothing.
*/
SELECT trade_id, side.order_id
  FROM trading.trades
 CROSS JOIN unnest(ARRAY[buyer_order_id, seller_order_id]) AS side (order_id)
  LEFT JOIN trading.orders ON orders.order_id = side.order_id
 WHERE trades.symbol = ${symbol}
   AND trade_seq > ${after}
   AND trade_seq <= ${upTo}
   AND orders.order_id IS NULL;
