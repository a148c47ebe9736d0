/* Stores what was signed, the first time only. Returns it; no row when something is stored. Locks the row. */
UPDATE payments.withdrawals
   SET raw_bytes = ${bytes}, tx_hash = ${hash}, updated_at = ${at}
 WHERE withdrawal_id = ${withdrawalId} AND state = 'SIGNING' AND raw_bytes IS NULL
RETURNING withdrawal_id;
