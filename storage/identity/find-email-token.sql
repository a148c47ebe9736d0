/* Whose mailed link this is; no row when it is unknown, of another purpose, or expired at ${at}. */
SELECT user_id
  FROM identity.email_tokens
 WHERE token_hash = ${tokenHash} AND purpose = ${purpose} AND expires_at > ${at};
