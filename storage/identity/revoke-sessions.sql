/*
  Ends live sessions of a user: one (${sessionId}) or, when that is NULL, all but ${exceptId}. Returns the ended ones;
  no row when there is none. Locks the sessions.
*/
UPDATE identity.sessions
   SET revoked_at = ${at}, revoked_why = ${why}
 WHERE user_id = ${userId}
   AND (${sessionId}::uuid IS NULL OR session_id = ${sessionId}::uuid)
   AND session_id IS DISTINCT FROM ${exceptId}::uuid
   AND revoked_at IS NULL
RETURNING session_id;
