/*
  Moves a screened case to ${state} (review, or verified where the rules allow it) with its risk. Returns it; no row
  when it is not in screening. Locks the row.
*/
UPDATE compliance.kyc_cases
   SET state = ${state}, risk_score = ${score}, risk_reasons = ${reasons}::jsonb, updated_at = ${at},
       review_since = CASE WHEN ${state} = 'review' THEN ${at}::timestamptz END,
       decided_at = CASE WHEN ${state} = 'verified' THEN ${at}::timestamptz END
 WHERE case_id = ${caseId} AND submission = ${submission} AND state = 'screening'
RETURNING case_id;
