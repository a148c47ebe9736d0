/* A user's withdrawal under her own id for it; no row when there is none. */
SELECT withdrawal_id, user_id, client_withdrawal_id, asset, trim_scale(amount)::text AS amount, address, rail,
       trim_scale(quote_value)::text AS quote_value, state, risk_reasons, approvals_needed, review_since, nonce,
       raw_bytes, tx_hash, ended_reason, created_at, updated_at
  FROM payments.withdrawals
 WHERE user_id = ${userId} AND client_withdrawal_id = ${clientWithdrawalId};
