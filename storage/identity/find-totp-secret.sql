/* The sealed secret of a user and whether it is confirmed; no row without one. */
SELECT secret, confirmed_at IS NOT NULL AS confirmed
  FROM identity.totp_secrets
 WHERE user_id = ${userId};
