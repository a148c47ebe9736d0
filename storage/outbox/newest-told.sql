/*
  The kept events of ${stream} behind the place ${ms}-${no}, in order: the newest ${limit} of them. Locks nothing.
*/
SELECT place, event
  FROM (SELECT place_ms, place_no, place_ms || '-' || place_no AS place, event
          FROM outbox.told
         WHERE stream = ${stream}
           AND (place_ms, place_no) > (${ms}::bigint, ${no}::bigint)
         ORDER BY place_ms DESC, place_no DESC
         LIMIT ${limit}) AS newest
 ORDER BY place_ms, place_no;
