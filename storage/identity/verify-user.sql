/*
  Makes a registration attempt the account. Returns it; no row when it is no attempt any more. Breaks user_email_unique
  when another attempt of the address became the account. Expects lock-attempts.sql before it.
*/
UPDATE identity.users
   SET verified_at = ${at}, updated_at = ${at}
 WHERE user_id = ${userId} AND verified_at IS NULL
RETURNING user_id, email, first_name, last_name, role, kyc_status, verified_at, created_at;
