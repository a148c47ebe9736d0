/* Moves a case from review to what an officer decided. Returns it; no row when it is not in review. Locks the row. */
UPDATE compliance.kyc_cases
   SET state = ${state}, updated_at = ${at},
       asked = CASE WHEN ${state} = 'more_info' THEN ${reason} ELSE asked END,
       decided_at = CASE WHEN ${state} IN ('verified', 'rejected') THEN ${at}::timestamptz END
 WHERE case_id = ${caseId} AND state = 'review'
RETURNING case_id;
