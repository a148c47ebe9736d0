-- NOT VALID: decisions on breaks stay.
ALTER TABLE compliance.decisions
    DROP CONSTRAINT decision_subject_known,
    ADD CONSTRAINT decision_subject_known CHECK (subject IN ('kyc', 'withdrawal', 'trade')) NOT VALID;
-- A halt of all assets has no form before; those of single assets stay.
DELETE FROM payments.halted_assets AS own
 WHERE asset = '*' OR (halted_by = 'reconciliation'
   AND EXISTS (SELECT FROM payments.halted_assets WHERE asset = own.asset AND halted_by = 'person'));
ALTER TABLE payments.halted_assets
    DROP CONSTRAINT halted_assets_pkey,
    DROP COLUMN halted_by,
    ADD CONSTRAINT halted_assets_pkey PRIMARY KEY (asset);
DROP TABLE ledger.breaks, ledger.break_cases, ledger.checkpoints, ledger.reconciliation;
DROP INDEX ledger.transfers_created;
