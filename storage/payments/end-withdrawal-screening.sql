/* Notes what screening says and moves on to ${to}. Returns it; no row when it is not in screening. Locks the row. */
UPDATE payments.withdrawals
   SET state = ${to}, approvals_needed = ${approvalsNeeded}, risk_reasons = ${reasons}::jsonb, updated_at = ${at},
       review_since = CASE WHEN ${to} = 'REVIEW' THEN ${at}::timestamptz END
 WHERE withdrawal_id = ${withdrawalId} AND state = 'SCREENING'
RETURNING withdrawal_id;
