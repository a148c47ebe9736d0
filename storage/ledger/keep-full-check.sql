/*
  Keeps that a full check was made at ${at} in ${ms} milliseconds, that it was sound (${sound}), the counts ${counts}
  from before it, and when the custodian's statement was read for it, ${statementAt}; these two, when null, as they are.
  Locks the row.
*/
UPDATE ledger.reconciliation
   SET counts = coalesce(${counts}::jsonb, counts), sound_at = CASE WHEN ${sound} THEN ${at} ELSE sound_at END,
       statement_at = coalesce(${statementAt}, statement_at), full_wanted = false, full_at = ${at}, full_ms = ${ms};
