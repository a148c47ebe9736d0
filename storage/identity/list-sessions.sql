/* The live sessions of a user, newest first. */
SELECT session_id, user_agent, host(ip_address) AS ip_address, created_at, last_used_at
  FROM identity.sessions
 WHERE user_id = ${userId} AND revoked_at IS NULL AND expires_at > ${at}
 ORDER BY session_id DESC;
