/*
  The deposits of ${userId}, newest first: ${limit} at most, before ${before} (null: from the newest). Locks nothing.
*/
SELECT deposit_id, rail, reference, user_id, asset, trim_scale(amount)::text AS amount, state, created_at, credited_at
  FROM payments.deposits
 WHERE user_id = ${userId}
   AND (${before}::uuid IS NULL OR deposit_id < ${before}::uuid)
 ORDER BY deposit_id DESC
 LIMIT ${limit};
