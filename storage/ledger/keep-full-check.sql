/*
  Keeps that a full check was made at ${at} in ${ms} milliseconds, that it was sound (${sound}), and the counts
  ${counts} from before it; null: as they are. Locks the row until the transaction ends: who keeps another one waits.
*/
UPDATE ledger.reconciliation
   SET counts = coalesce(${counts}::jsonb, counts), sound_at = CASE WHEN ${sound} THEN ${at} ELSE sound_at END,
       full_wanted = false, full_at = ${at}, full_ms = ${ms};
