DROP TABLE ledger.liability_nodes;
DROP TABLE ledger.liability_leaves;
DROP TABLE ledger.liability_roots;
DROP TABLE ledger.liability_snapshots;
DROP FUNCTION ledger.refuse_republishing();
