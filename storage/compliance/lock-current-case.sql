/* The newest case of a user, locked until the transaction ends; no row when there is none. Locks that row. */
SELECT case_id, user_id, previous_case_id, state, submission, full_name, date_of_birth::text AS date_of_birth, country,
       address, document_type, document_number, document_country, document_expires_on::text AS document_expires_on,
       documents, risk_score, risk_reasons, asked, submitted_at, review_since, decided_at, created_at, updated_at
  FROM compliance.kyc_cases
 WHERE user_id = ${userId}
 ORDER BY case_id DESC
 LIMIT 1
   FOR UPDATE;
