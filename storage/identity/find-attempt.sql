/*
  A registration attempt and the address of the account that has its e-mail already, if any.
  No row when ${userId} is no attempt (any more).
*/
SELECT attempt.email, attempt.verification_requested_at, account.email AS account_email
  FROM identity.users attempt
  LEFT JOIN identity.users account
         ON account.email_normalised = attempt.email_normalised
        AND account.verified_at IS NOT NULL AND account.deleted_at IS NULL
 WHERE attempt.user_id = ${userId} AND attempt.verified_at IS NULL;
