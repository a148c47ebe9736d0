/*
  Ends a withdrawal in ${to} with its reason, from one of the states ${from}. Returns it; no row when it is in none.
  Locks the row.
*/
UPDATE payments.withdrawals
   SET state = ${to}, ended_reason = ${reason}, ended_at = ${at}, updated_at = ${at}
 WHERE withdrawal_id = ${withdrawalId} AND state = ANY (${from}::text[])
RETURNING withdrawal_id;
