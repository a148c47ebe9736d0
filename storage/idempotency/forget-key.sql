/* Gives up a claim whose request came to no answer worth keeping, so that a retry runs anew. */
DELETE FROM api.idempotency_keys
 WHERE caller = ${caller} AND key = ${key} AND claim = ${claim} AND status IS NULL
