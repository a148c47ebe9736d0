/* A case of breaks; no row for an unknown one. Locks it until the transaction ends. */
SELECT case_id, state, opened_at, closed_at FROM ledger.break_cases WHERE case_id = ${caseId} FOR UPDATE;
