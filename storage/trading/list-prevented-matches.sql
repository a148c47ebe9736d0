/*
  What was prevented of the order ${orderId}, newest first, at most ${limit}, and only before the id ${before} unless
  null. An order is never both sides of one match. Locks nothing.
*/
SELECT prevented_match_id, symbol, maker_order_id, taker_order_id, price, quantity, self_trade_prevention, prevented_at
  FROM trading.prevented_matches
 WHERE ${orderId}::uuid IN (maker_order_id, taker_order_id)
   AND (${before} IS NULL OR prevented_match_id < ${before}::uuid)
 ORDER BY prevented_match_id DESC
 LIMIT ${limit};
