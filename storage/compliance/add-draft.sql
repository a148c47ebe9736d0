/* Opens an empty case. Nothing happens when the user has an open one. Locks only the new row. */
INSERT INTO compliance.kyc_cases (case_id, user_id, previous_case_id, state, created_at, updated_at)
VALUES (${caseId}, ${userId}, ${previousCaseId}, 'draft', ${at}, ${at})
    ON CONFLICT (user_id) WHERE state NOT IN ('verified', 'rejected') DO NOTHING
RETURNING case_id;
