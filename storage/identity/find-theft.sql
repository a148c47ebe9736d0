/* Whose session ended by theft, and the address to warn; no row when it did not, or the user is gone. */
SELECT u.user_id, u.email
  FROM identity.sessions s
  JOIN identity.users u ON u.user_id = s.user_id AND u.deleted_at IS NULL
 WHERE s.session_id = ${sessionId} AND s.revoked_why = 'theft';
