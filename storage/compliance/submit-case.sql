/*
  Takes what a customer says about herself into her draft, or into a case that waits for more, and sends it to
  screening. Returns the case; no row when it is in another state. Locks the row.
*/
UPDATE compliance.kyc_cases
   SET state = 'screening', submission = submission + 1, full_name = ${fullName}, name_key = ${nameKey},
       date_of_birth = ${dateOfBirth}, country = ${country}, address = ${address}, document_type = ${documentType},
       document_number = ${documentNumber}, document_country = ${documentCountry},
       document_expires_on = ${documentExpiresOn}, documents = ${documents}::text[],
       risk_score = NULL, risk_reasons = '[]', review_since = NULL, submitted_at = ${at}, updated_at = ${at}
 WHERE case_id = ${caseId} AND state IN ('draft', 'more_info')
RETURNING case_id, user_id, previous_case_id, state, submission, full_name, date_of_birth::text AS date_of_birth,
       country,
       address, document_type, document_number, document_country, document_expires_on::text AS document_expires_on,
       documents, risk_score, risk_reasons, asked, submitted_at, review_since, decided_at, created_at, updated_at;
