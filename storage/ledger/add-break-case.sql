/* Opens a case. A second open one breaks break_case_one_open. Locks only the new row. */
INSERT INTO ledger.break_cases (case_id, opened_at) VALUES (${caseId}, ${at});
