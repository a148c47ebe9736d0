/* An adjustment by id; no row when there is none. */
SELECT adjustment_id, requested_by, client_adjustment_id, user_id, asset, trim_scale(amount)::text AS amount, direction,
       reason, reference, state, ended_reason, ended_at, created_at
  FROM ledger.adjustments
 WHERE adjustment_id = ${adjustmentId};
