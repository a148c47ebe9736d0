/* One user or registration attempt by id; no row when there is none or it is deleted. */
SELECT user_id, email, first_name, last_name, role, kyc_status, verified_at, created_at
  FROM identity.users
 WHERE user_id = ${userId} AND deleted_at IS NULL;
