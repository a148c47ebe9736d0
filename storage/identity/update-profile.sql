/* Sets the given names; NULL leaves one as it is. Returns the user; no row when there is none. Locks the row. */
UPDATE identity.users
   SET first_name = coalesce(${firstName}, first_name), last_name = coalesce(${lastName}, last_name), updated_at = ${at}
 WHERE user_id = ${userId} AND deleted_at IS NULL
RETURNING user_id, email, first_name, last_name, role, kyc_status, verified_at, created_at;
