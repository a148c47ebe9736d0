/* Adjustments in ${state} (null: in any), newest first, before ${before}. */
SELECT adjustment_id, requested_by, client_adjustment_id, user_id, asset, trim_scale(amount)::text AS amount, direction,
       reason, reference, state, ended_reason, ended_at, created_at
  FROM ledger.adjustments
 WHERE (${state}::text IS NULL OR state = ${state})
   AND (${before}::uuid IS NULL OR adjustment_id < ${before}::uuid)
 ORDER BY adjustment_id DESC
 LIMIT ${limit};
