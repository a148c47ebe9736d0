/*
  The first ${limit} entries of one sort that may be told at ${at}, in order: events where ${events} is true, else what
  is told to workflows. One that was put off blocks those behind it in its aggregate: order holds there, and nobody
  else waits.

  Never continues after a seq: rows commit late, so each reading starts at the oldest. Locks nothing: one relay is
  active.
*/
WITH blocked AS MATERIALIZED (
    SELECT entry.aggregate, min(entry.seq) AS seq
      FROM outbox.entries AS entry
     WHERE entry.attempts > 0
       AND entry.due_at > ${at}
       AND (entry.kind = 'event') = ${events}
     GROUP BY entry.aggregate
)
SELECT entry.seq, entry.aggregate, entry.kind, entry.payload, entry.attempts
  FROM outbox.entries AS entry
  LEFT JOIN blocked ON blocked.aggregate = entry.aggregate AND blocked.seq <= entry.seq
 WHERE (entry.kind = 'event') = ${events}
   AND blocked.seq IS NULL
 ORDER BY entry.seq
 LIMIT ${limit};
