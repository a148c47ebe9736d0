/* The ids of adjustments whose workflow must be running, after ${after} and older than ${createdBefore}, in order. */
SELECT adjustment_id
  FROM ledger.adjustments
 WHERE ended_at IS NULL
   AND (${after}::uuid IS NULL OR adjustment_id > ${after}::uuid)
   AND created_at < ${createdBefore}
 ORDER BY adjustment_id
 LIMIT ${limit};
