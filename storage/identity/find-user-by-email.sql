/* The account of a normalised address; no row while nobody has verified it. */
SELECT user_id, email, first_name, last_name, role, kyc_status, verified_at, created_at
  FROM identity.users
 WHERE email_normalised = ${emailNormalised} AND verified_at IS NOT NULL AND deleted_at IS NULL;
