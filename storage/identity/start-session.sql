/* Adds a session and its first refresh token, which counts as confirmed. Returns nothing. Locks only the new rows. */
WITH started AS (
    INSERT INTO identity.sessions
        (session_id, user_id, user_agent, ip_address, head_serial, last_factor_at, created_at, last_used_at, expires_at)
    VALUES
        (${sessionId}, ${userId}, ${userAgent}, ${ipAddress}, 1, ${lastFactorAt}, ${at}, ${at}, ${expiresAt})
    RETURNING session_id
)
INSERT INTO identity.refresh_tokens (token_hash, session_id, serial, expires_at, confirmed_at, created_at)
SELECT ${tokenHash}, session_id, 1, ${expiresAt}, ${at}, ${at}
  FROM started;
