/* Removes registration attempts among ${userIds}; accounts stay. Returns the ids removed. Locks their rows. */
DELETE FROM identity.users
 WHERE user_id = ANY(${userIds}::uuid[]) AND verified_at IS NULL
RETURNING user_id;
