/*
  The place of the newest kept event of each stream, by one look into the index for each. No row for a stream without
  one. Locks nothing.
*/
WITH RECURSIVE streams AS (
    SELECT min(told.stream) AS stream
      FROM outbox.told
     UNION ALL
    SELECT (SELECT min(told.stream) FROM outbox.told WHERE told.stream > streams.stream)
      FROM streams
     WHERE streams.stream IS NOT NULL
)
SELECT streams.stream, newest.place
  FROM streams
 CROSS JOIN LATERAL (SELECT told.place_ms || '-' || told.place_no AS place
                       FROM outbox.told
                      WHERE told.stream = streams.stream
                      ORDER BY told.place_ms DESC, told.place_no DESC
                      LIMIT 1) AS newest;
