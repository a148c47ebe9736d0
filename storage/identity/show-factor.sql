/* Notes that a live session showed a second factor. Returns it; no row when it is not live. Locks the session. */
UPDATE identity.sessions
   SET last_factor_at = ${at}
 WHERE session_id = ${sessionId} AND revoked_at IS NULL
RETURNING session_id;
