/* A withdrawal by id, locked until the transaction ends; no row when there is none. Locks that row. */
SELECT withdrawal_id, user_id, client_withdrawal_id, asset, trim_scale(amount)::text AS amount, address, rail,
       trim_scale(quote_value)::text AS quote_value, state, risk_reasons, approvals_needed, review_since, nonce,
       raw_bytes, tx_hash, ended_reason, created_at, updated_at
  FROM payments.withdrawals
 WHERE withdrawal_id = ${withdrawalId}
   FOR UPDATE;
