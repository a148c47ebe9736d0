/* Locks a user's limits until the transaction ends, making the row where it is missing. One row. Locks that row. */
INSERT INTO payments.withdrawal_limits (user_id, created_at)
VALUES (${userId}, ${at})
    ON CONFLICT (user_id) DO UPDATE SET created_at = withdrawal_limits.created_at
RETURNING user_id;
