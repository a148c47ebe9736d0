ALTER TABLE ledger.reconciliation DROP COLUMN statement_at;
DROP FUNCTION ledger.crossings();
