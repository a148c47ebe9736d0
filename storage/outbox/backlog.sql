/* How many entries wait, and since when the oldest does (null when none). Always one row. */
SELECT count(*)::int AS waiting, min(entries.created_at) AS oldest
  FROM outbox.entries;
