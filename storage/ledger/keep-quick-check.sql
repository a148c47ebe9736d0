/* Keeps that nothing was found at ${at}, and the counts ${counts} of that moment. Locks the row. */
UPDATE ledger.reconciliation SET counts = ${counts}, sound_at = ${at};
