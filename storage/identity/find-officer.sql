/*
  The compliance officer of an id or a normalised address, with her sealed confirmed secret; no row for anybody else,
  and none while her account is frozen.
*/
SELECT u.user_id, t.secret
  FROM identity.users u
  JOIN identity.totp_secrets t ON t.user_id = u.user_id AND t.confirmed_at IS NOT NULL
 WHERE (u.user_id::text = ${officer} OR u.email_normalised = ${officer})
   AND u.role = 'compliance' AND u.verified_at IS NOT NULL AND u.frozen_at IS NULL AND u.deleted_at IS NULL;
