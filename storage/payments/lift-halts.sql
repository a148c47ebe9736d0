/* Lifts what the reconciliation has halted, and no person's halt. Locks these rows. */
DELETE FROM payments.halted_assets WHERE halted_by = 'reconciliation';
