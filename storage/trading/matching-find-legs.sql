/* The orders of the order lists ${listIds}. No row for an unknown one. Locks nothing. */
SELECT leg.order_id
  FROM trading.order_lists
 CROSS JOIN LATERAL unnest(ARRAY[limit_order_id, stop_order_id]) AS leg (order_id)
 WHERE order_list_id = ANY (${listIds}::uuid[]);
