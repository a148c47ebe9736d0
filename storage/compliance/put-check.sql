/* Keeps what a check found about one submission; the first finding stays. Locks only the new row. */
INSERT INTO compliance.kyc_checks (case_id, submission, kind, points, reasons, source, checked_at)
VALUES (${caseId}, ${submission}, ${kind}, ${points}, ${reasons}::jsonb, ${source}, ${at})
    ON CONFLICT (case_id, submission, kind) DO NOTHING;
