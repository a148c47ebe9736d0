/*
  Stores a sealed secret, in the place of an unconfirmed one. ${confirmedAt} is set for seeded staff only.
  Returns the user; no row when a confirmed secret is there: that one stays. Locks the user's secret.
*/
INSERT INTO identity.totp_secrets AS s (user_id, secret, confirmed_at, created_at)
VALUES (${userId}, ${secret}, ${confirmedAt}, ${at})
    ON CONFLICT (user_id) DO UPDATE
   SET secret = excluded.secret, confirmed_at = excluded.confirmed_at, created_at = excluded.created_at
 WHERE s.confirmed_at IS NULL
RETURNING user_id;
