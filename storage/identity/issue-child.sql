/*
  Adds the next refresh token of a session and makes it the child. Returns nothing. Expects lock-session.sql before it.
*/
WITH rotated AS (
    UPDATE identity.sessions
       SET child_serial = ${serial}, child_generation = ${generation}, child_issued_at = ${at}, last_used_at = ${at},
           expires_at = ${expiresAt}
     WHERE session_id = ${sessionId}
    RETURNING session_id
)
INSERT INTO identity.refresh_tokens (token_hash, session_id, serial, expires_at, created_at)
SELECT ${tokenHash}, session_id, ${serial}, ${expiresAt}, ${at}
  FROM rotated;
