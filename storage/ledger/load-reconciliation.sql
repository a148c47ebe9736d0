/* What the checks know of one another. Always one row. Locks nothing. */
SELECT through, counts, sound_at, statement_at, full_wanted, full_at, full_ms FROM ledger.reconciliation;
