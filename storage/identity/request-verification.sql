/*
  Takes note that the newest attempt of an address asks for its mail again. Returns its id; no row when there is no
  attempt, the address has an account, or the last request is younger than ${notAfter}. Locks the attempt's row.
*/
UPDATE identity.users
   SET verification_requested_at = ${at}
 WHERE user_id = (SELECT user_id FROM identity.users
                   WHERE email_normalised = ${emailNormalised} AND deleted_at IS NULL
                   ORDER BY (verified_at IS NULL), user_id DESC
                   LIMIT 1)
   AND verified_at IS NULL
   AND verification_requested_at <= ${notAfter}
RETURNING user_id;
