/* Confirms the secret that was proven. Returns the user; no row when it was replaced or confirmed. Locks the secret. */
UPDATE identity.totp_secrets
   SET confirmed_at = ${at}
 WHERE user_id = ${userId} AND secret = ${secret} AND confirmed_at IS NULL
RETURNING user_id;
