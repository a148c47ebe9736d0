/* The breaks of a case, in the order they were found. Locks nothing. */
SELECT break_id, check_of, subject, assets, finding, state, found_at, mended_at
  FROM ledger.breaks
 WHERE case_id = ${caseId}
 ORDER BY break_id;
