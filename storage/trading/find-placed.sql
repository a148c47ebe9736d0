/*
  What ${userId} placed under ${callerKey}, as far as it still counts at ${at}: a lasting refusal and an
  Idempotency-Key (#…) count for 24 hours. No row when the key is new. Locks nothing.
*/
SELECT order_id, content_hash, refusal
  FROM trading.client_order_ids
 WHERE user_id = ${userId}
   AND client_order_id = ${callerKey}
   AND (created_at > ${at}::timestamptz - interval '24 hours'
        OR (refusal IS NULL AND client_order_id NOT LIKE '#%'));
