/* What the doors must know of sessions right now, for many at once. No row for an unknown session. */
SELECT s.session_id, s.user_id, u.role, u.kyc_status, s.last_factor_at, s.expires_at,
       s.revoked_at IS NULL AND u.deleted_at IS NULL AND u.frozen_at IS NULL AS live
  FROM identity.sessions s
  JOIN identity.users u ON u.user_id = s.user_id
 WHERE s.session_id = ANY(${sessionIds}::uuid[]);
