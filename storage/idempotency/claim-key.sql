/*
  Claims a key for execution. No row when somebody else's claim or answer stands (the caller then reads it): a claim
  gives way only when its key is older than a day, or when its executor is overdue and the content is the same. Where
  the request is not ${exclusive}, the same one takes its claim over at once.
  Locks the key's row.
*/
INSERT INTO api.idempotency_keys AS known (caller, key, operation, content_hash, claim, claimed_until, created_at)
VALUES (${caller}, ${key}, ${operation}, ${contentHash}, ${claim},
        ${now}::timestamptz + CASE WHEN ${exclusive} THEN interval '30 seconds' ELSE interval '0' END, ${now})
ON CONFLICT (caller, key) DO UPDATE
   SET operation = excluded.operation,
       content_hash = excluded.content_hash,
       claim = excluded.claim,
       claimed_until = excluded.claimed_until,
       status = NULL,
       body = NULL,
       created_at = excluded.created_at
 WHERE known.created_at < ${now}::timestamptz - interval '24 hours'
    OR (known.status IS NULL AND known.claimed_until <= ${now}::timestamptz
        AND known.operation = excluded.operation AND known.content_hash = excluded.content_hash)
RETURNING claim
