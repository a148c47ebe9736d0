/*
  Puts entries that could not be told off until their due time, with the reason. Parallel arrays ${seqs}, ${dueAt},
  ${errors}. Entries removed meanwhile stay removed. Locks those rows.
*/
UPDATE outbox.entries
   SET attempts = entries.attempts + 1,
       due_at = failed.due_at,
       last_error = failed.error
  FROM unnest(${seqs}::bigint[], ${dueAt}::timestamptz[], ${errors}::text[]) AS failed (seq, due_at, error)
 WHERE entries.seq = failed.seq;
