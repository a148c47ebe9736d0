/*
  The order of ${userId} with ${orderId}, or, where that is null, the one placed as ${clientOrderId}. No row when the
  user has none such. Locks nothing.
*/
SELECT *
  FROM trading.orders
 WHERE user_id = ${userId}::uuid
   AND order_id = coalesce(${orderId}::uuid, (SELECT known.order_id
                                                FROM trading.client_order_ids AS known
                                               WHERE known.user_id = ${userId}::uuid
                                                 AND known.client_order_id = ${clientOrderId}::text));
