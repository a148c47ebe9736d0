/*
  The kept events of ${stream} behind the place ${afterMs}-${afterNo} and before ${beforeMs}-${beforeNo}, in order, at
  most ${limit}. Locks nothing.
*/
SELECT place_ms || '-' || place_no AS place, event
  FROM outbox.told
 WHERE stream = ${stream}
   AND (place_ms, place_no) > (${afterMs}::bigint, ${afterNo}::bigint)
   AND (place_ms, place_no) < (${beforeMs}::bigint, ${beforeNo}::bigint)
 ORDER BY place_ms, place_no
 LIMIT ${limit};
