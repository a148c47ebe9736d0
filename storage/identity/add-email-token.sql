/* Adds a mailed link. Nothing is added when the user is gone (no row); else returns the user's id. */
INSERT INTO identity.email_tokens (token_hash, user_id, purpose, expires_at, created_at)
SELECT ${tokenHash}, user_id, ${purpose}, ${expiresAt}, ${createdAt}
  FROM identity.users
 WHERE user_id = ${userId}
RETURNING user_id;
