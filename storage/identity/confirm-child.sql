/*
  Confirms the child ${serial}: it becomes the head, its parent is spent. Returns its session; no row when it is not the
  child of a live session (any more). Locks the session, then the token.
*/
WITH confirmed AS (
    UPDATE identity.sessions
       SET head_serial = ${serial}, child_serial = NULL, child_generation = 0, child_issued_at = NULL,
           last_used_at = ${at}
     WHERE session_id = ${sessionId} AND child_serial = ${serial} AND revoked_at IS NULL
    RETURNING session_id
)
UPDATE identity.refresh_tokens t
   SET confirmed_at = ${at}
  FROM confirmed
 WHERE t.session_id = confirmed.session_id AND t.serial = ${serial}
RETURNING t.session_id;
