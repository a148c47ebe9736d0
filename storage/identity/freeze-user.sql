/* Freezes an account: nobody signs in to it any more. No row when it is gone; a frozen one stays as it is. Locks it. */
UPDATE identity.users
   SET frozen_at = coalesce(frozen_at, ${at}), updated_at = ${at}
 WHERE user_id = ${userId} AND deleted_at IS NULL
RETURNING user_id;
