/* The order list ${orderListId} of ${userId}. No row when the user has none such. Locks nothing. */
SELECT order_list_id, client_order_list_id, symbol, limit_order_id, stop_order_id, created_at
  FROM trading.order_lists
 WHERE order_list_id = ${orderListId}
   AND user_id = ${userId};
