/*
  Locks every registration attempt of the address that ${userId} was registered with, in order of id, so that two
  verifications of one address run one after the other. Returns their ids; none when ${userId} is no attempt any more.
*/
SELECT attempt.user_id
  FROM identity.users attempt
 WHERE attempt.verified_at IS NULL
   AND attempt.email_normalised = (SELECT email_normalised FROM identity.users
                                    WHERE user_id = ${userId} AND verified_at IS NULL)
 ORDER BY attempt.user_id
   FOR UPDATE;
