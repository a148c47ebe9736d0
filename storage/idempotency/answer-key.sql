/* Keeps the answer of a claimed request. No row when the claim was taken over meanwhile. */
UPDATE api.idempotency_keys
   SET status = ${status}, body = ${body}::jsonb
 WHERE caller = ${caller} AND key = ${key} AND claim = ${claim}
