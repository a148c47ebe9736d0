/*
  Adds a request. No row when the user has one under the same client id (waits for a rival's commit). Locks the new row.
*/
INSERT INTO payments.withdrawals
    (withdrawal_id, user_id, client_withdrawal_id, asset, amount, address, rail, quote_value, created_at, updated_at)
VALUES
    (${withdrawalId}, ${userId}, ${clientWithdrawalId}, ${asset}, ${amount}, ${address}, ${rail}, ${quoteValue},
     ${at}, ${at})
    ON CONFLICT (user_id, client_withdrawal_id) DO NOTHING
RETURNING withdrawal_id, user_id, client_withdrawal_id, asset, trim_scale(amount)::text AS amount, address,
       rail,
       trim_scale(quote_value)::text AS quote_value, state, risk_reasons, approvals_needed, review_since, nonce,
       raw_bytes, tx_hash, ended_reason, created_at, updated_at;
