/* What a time step was spent on; no row when it was not. */
SELECT binding
  FROM identity.used_totp_steps
 WHERE user_id = ${userId} AND step = ${step};
