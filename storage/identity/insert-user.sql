/*
  Adds a user row: a registration attempt, or (with ${verifiedAt}) a seeded account. Returns it; no row when it is
  to be an account and the address has one. Locks only the new row.
*/
INSERT INTO identity.users
    (user_id, email, email_normalised, password_hash, first_name, last_name, role, kyc_status, verified_at,
     verification_requested_at, created_at, updated_at)
VALUES
    (${userId}, ${email}, ${emailNormalised}, ${passwordHash}, ${firstName}, ${lastName}, ${role}, 'pending',
     ${verifiedAt}, ${createdAt}, ${createdAt}, ${createdAt})
    ON CONFLICT (email_normalised) WHERE verified_at IS NOT NULL AND deleted_at IS NULL DO NOTHING
RETURNING user_id, email, first_name, last_name, role, kyc_status, verified_at, created_at;
