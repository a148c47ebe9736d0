/*
  The session a refresh token belongs to, and where its chain stands. No row when the token is unknown.
  Locks the session, so that refreshes and confirmations of one session run one after the other.
*/
SELECT s.session_id, s.user_id, s.head_serial, s.child_serial, s.child_generation, s.child_issued_at, t.serial,
       u.role,
       s.revoked_at IS NULL AND u.deleted_at IS NULL AND u.frozen_at IS NULL AND t.expires_at > ${at} AS live
  FROM identity.refresh_tokens t
  JOIN identity.sessions s ON s.session_id = t.session_id
  JOIN identity.users u ON u.user_id = s.user_id
 WHERE t.token_hash = ${tokenHash}
   FOR UPDATE OF s;
