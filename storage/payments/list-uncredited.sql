/*
  Deposits made before ${createdBefore} that are not credited, in order of id after ${after} (null: from the first),
  ${limit} at most. Locks nothing.
*/
SELECT deposit_id
  FROM payments.deposits
 WHERE state = 'CONFIRMED'
   AND created_at < ${createdBefore}
   AND (${after}::uuid IS NULL OR deposit_id > ${after}::uuid)
 ORDER BY deposit_id
 LIMIT ${limit};
