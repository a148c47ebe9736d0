/*
  Notes a request under its id ${key} when there is none, or only a refusal older than ${refusalsSince}. A row when
  noted; no row when an earlier one stands. Waits for a rival that is being noted; locks the row.
*/
INSERT INTO ledger.requests (operation, key, content_hash, created_at)
VALUES (${operation}, ${key}, ${contentHash}, ${at})
    ON CONFLICT (operation, key) DO UPDATE
   SET content_hash = excluded.content_hash, refusal = NULL, created_at = excluded.created_at
 WHERE requests.refusal IS NOT NULL
   AND requests.created_at < ${refusalsSince}
RETURNING key;
