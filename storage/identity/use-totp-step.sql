/* Spends a time step of a user's codes. Returns it; no row when it is spent already (waits for a rival's commit). */
INSERT INTO identity.used_totp_steps (user_id, step, binding, used_at)
VALUES (${userId}, ${step}, ${binding}, ${at})
    ON CONFLICT (user_id, step) DO NOTHING
RETURNING step;
