/* What the withdrawals hold that have not ended, by id. Locks nothing. */
SELECT withdrawal_id AS reservation_id, trim_scale(amount)::text AS amount
  FROM payments.withdrawals
 WHERE ended_at IS NULL;
