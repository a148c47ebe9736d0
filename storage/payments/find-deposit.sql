/* The deposit that ${rail} calls ${reference}; no row when unknown. Locks nothing. */
SELECT deposit_id, rail, reference, user_id, asset, trim_scale(amount)::text AS amount, state, created_at, credited_at
  FROM payments.deposits
 WHERE rail = ${rail}
   AND reference = ${reference};
