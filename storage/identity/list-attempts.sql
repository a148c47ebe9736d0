/*
  Registration attempts made before ${createdBefore}, in order of id after ${after} (null: from the first), ${limit} at
  most. Locks nothing.
*/
SELECT attempt.user_id
  FROM identity.users attempt
 WHERE attempt.verified_at IS NULL
   AND attempt.created_at < ${createdBefore}
   AND (${after}::uuid IS NULL OR attempt.user_id > ${after}::uuid)
 ORDER BY attempt.user_id
 LIMIT ${limit};
