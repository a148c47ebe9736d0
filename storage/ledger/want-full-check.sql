/* Has the next check be a full one. Locks the row. */
UPDATE ledger.reconciliation SET full_wanted = true;
