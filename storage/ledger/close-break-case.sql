/* Closes a case. Returns it; no row when it is not open. Locks it. */
UPDATE ledger.break_cases SET state = 'closed', closed_at = ${at}
 WHERE case_id = ${caseId} AND state = 'open'
RETURNING case_id;
