/* The case that is open; no row when there is none. Locks nothing. */
SELECT case_id, state, opened_at, closed_at FROM ledger.break_cases WHERE state = 'open';
