/* What is known of a key. */
SELECT operation, content_hash, status, body
  FROM api.idempotency_keys
 WHERE caller = ${caller} AND key = ${key}
