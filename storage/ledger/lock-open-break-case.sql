/* The case that is open; no row when there is none. Locks it until the transaction ends: it is not closed meanwhile. */
SELECT case_id, state, opened_at, closed_at FROM ledger.break_cases WHERE state = 'open' FOR UPDATE;
