/* Moves an approved withdrawal to signing with its number. Returns it; no row when not approved. Locks the row. */
UPDATE payments.withdrawals
   SET state = 'SIGNING', nonce = ${nonce}, updated_at = ${at}
 WHERE withdrawal_id = ${withdrawalId} AND state = 'APPROVED'
RETURNING withdrawal_id;
