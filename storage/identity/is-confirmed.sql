/* Whether the refresh token ${serial} of a session was confirmed. No row when it was removed after it expired. */
SELECT confirmed_at IS NOT NULL AS confirmed
  FROM identity.refresh_tokens
 WHERE session_id = ${sessionId} AND serial = ${serial};
