/* The ids of withdrawals whose workflow must be running, after ${after} and older than ${createdBefore}, in order. */
SELECT withdrawal_id
  FROM payments.withdrawals
 WHERE ended_at IS NULL
   AND (${after}::uuid IS NULL OR withdrawal_id > ${after}::uuid)
   AND created_at < ${createdBefore}
 ORDER BY withdrawal_id
 LIMIT ${limit};
