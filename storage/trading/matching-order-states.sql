/* Whose the orders ${ids} are, and whether they are still PENDING. No row for an unknown one. Locks nothing. */
SELECT order_id, user_id, status = 'PENDING' AS is_pending
  FROM trading.orders
 WHERE order_id = ANY (${ids}::uuid[]);
