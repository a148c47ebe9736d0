/* A case of breaks; no row for an unknown one. Locks nothing. */
SELECT case_id, state, opened_at, closed_at FROM ledger.break_cases WHERE case_id = ${caseId};
