/*
  Switches that a workflow should have looked at before ${createdBefore} and did not, in order of id after ${after}
  (null: from the first), ${limit} at most. Locks nothing.
*/
SELECT timer_id
  FROM trading.cancel_timers
 WHERE wakes_at < ${createdBefore}
   AND (${after}::uuid IS NULL OR timer_id > ${after}::uuid)
 ORDER BY timer_id
 LIMIT ${limit};
