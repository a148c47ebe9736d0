/* Orders of ${symbol} older than ${before} that are still PENDING, at most ${limit}, by id. Locks nothing. */
SELECT order_id
  FROM trading.orders
 WHERE symbol = ${symbol}
   AND status = 'PENDING'
   AND created_at < ${before}
 ORDER BY order_id
 LIMIT ${limit};
