-- NOT VALID: decisions on adjustments stay, and so do the transfers.
ALTER TABLE compliance.decisions
    DROP CONSTRAINT decision_subject_known,
    ADD CONSTRAINT decision_subject_known CHECK (subject IN ('kyc', 'withdrawal', 'trade', 'breaks')) NOT VALID;
DROP FUNCTION ledger.adjust;
DROP TABLE ledger.adjustments;
