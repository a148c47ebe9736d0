/*
  Sets the KYC status of an account. Returns the user and the status before; no row when it is no account.
  Locks the row.
*/
UPDATE identity.users u
   SET kyc_status = ${kycStatus}, updated_at = ${at}
  FROM (SELECT user_id, kyc_status FROM identity.users
         WHERE user_id = ${userId} AND verified_at IS NOT NULL AND deleted_at IS NULL
           FOR UPDATE) AS before
 WHERE u.user_id = before.user_id
RETURNING u.user_id, u.email, u.first_name, u.last_name, u.role, u.kyc_status, u.verified_at, u.created_at,
          before.kyc_status AS old_status;
