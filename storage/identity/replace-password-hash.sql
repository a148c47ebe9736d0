/*
  Puts ${newHash} in the place of ${oldHash}; compare-and-set, so that it never undoes a password change beside it.
  Returns the id; no row when the hash was replaced meanwhile. Locks the row.
*/
UPDATE identity.users
   SET password_hash = ${newHash}, updated_at = ${at}
 WHERE user_id = ${userId} AND password_hash = ${oldHash}
RETURNING user_id;
