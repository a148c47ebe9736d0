/*
  What a sign-in to a normalised address is judged by: the account, else the newest registration attempt; no row when
  the address was never used. `known_device`: ${deviceHash} signed in to this account after ${knownSince}.
*/
SELECT u.user_id, u.email, u.role, u.kyc_status, u.verified_at, u.password_hash, u.frozen_at, t.secret AS totp_secret,
       EXISTS (SELECT 1 FROM identity.known_devices d
                WHERE d.user_id = u.user_id AND d.device_hash = ${deviceHash} AND d.last_seen_at > ${knownSince}
              ) AS known_device
  FROM identity.users u
  LEFT JOIN identity.totp_secrets t ON t.user_id = u.user_id AND t.confirmed_at IS NOT NULL
 WHERE u.email_normalised = ${emailNormalised} AND u.deleted_at IS NULL
 ORDER BY (u.verified_at IS NULL), u.user_id DESC
 LIMIT 1;
