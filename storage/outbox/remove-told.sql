/*
  Removes the entries ${seqs} that have been told at ${at}. Events among them that carry facts are kept with their
  ${places} in their streams (parallel to ${seqs}; empty for what is told to workflows). Removing again does nothing.
  No rows. Locks those rows.
*/
WITH removed AS (
    DELETE FROM outbox.entries
     WHERE entries.seq = ANY (${seqs}::bigint[])
    RETURNING entries.seq, entries.kind, entries.payload
)
INSERT INTO outbox.told (seq, stream, place_ms, place_no, event, told_at)
SELECT removed.seq,
       removed.payload ->> 'stream',
       split_part(placed.place, '-', 1)::bigint,
       split_part(placed.place, '-', 2)::bigint,
       removed.payload -> 'event',
       ${at}
  FROM removed
  JOIN unnest(${seqs}::bigint[], ${places}::text[]) AS placed (seq, place) ON placed.seq = removed.seq
 WHERE removed.kind = 'event'
   AND removed.payload ->> 'hint' IS NULL;
