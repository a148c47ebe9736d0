/* What a password change is judged by; no row when the account is gone. */
SELECT email, email_normalised, password_hash
  FROM identity.users
 WHERE user_id = ${userId} AND deleted_at IS NULL;
