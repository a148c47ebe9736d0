/* Accounts and attempts after ${after} (NULL: from the first), in order of id, at most ${limit}. */
SELECT user_id, email, first_name, last_name, role, kyc_status, verified_at, created_at
  FROM identity.users
 WHERE deleted_at IS NULL AND (${after}::uuid IS NULL OR user_id > ${after}::uuid)
 ORDER BY user_id
 LIMIT ${limit};
