/* The orders ${orderIds}, whosever they are. No row for an unknown one. Locks nothing. */
SELECT *
  FROM trading.orders
 WHERE order_id = ANY (${orderIds}::uuid[]);
