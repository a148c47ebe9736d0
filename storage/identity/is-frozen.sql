/* Whether an account may not act: frozen or gone. One row. */
SELECT NOT EXISTS (
    SELECT FROM identity.users WHERE user_id = ${userId} AND frozen_at IS NULL AND deleted_at IS NULL
) AS frozen;
