/* Moves a withdrawal from one of the states ${from} to ${to}. Returns it; no row when it is in none. Locks the row. */
UPDATE payments.withdrawals
   SET state = ${to}, updated_at = ${at}
 WHERE withdrawal_id = ${withdrawalId} AND state = ANY (${from}::text[])
RETURNING withdrawal_id;
