/*
  How many other customers submitted the same document, and how many the same name with the same date of birth as the
  case ${caseId}. One row; none when there is no such case.
*/
SELECT count(DISTINCT other.user_id) FILTER (WHERE other.document_number = mine.document_number
                                               AND other.document_country = mine.document_country)::int
           AS same_document,
       count(DISTINCT other.user_id) FILTER (WHERE other.name_key = mine.name_key
                                               AND other.date_of_birth = mine.date_of_birth)::int AS same_person
  FROM compliance.kyc_cases AS mine
  LEFT JOIN compliance.kyc_cases AS other
    ON other.user_id <> mine.user_id AND other.submission > 0
   AND ((other.document_number, other.document_country) = (mine.document_number, mine.document_country)
        OR (other.name_key, other.date_of_birth) = (mine.name_key, mine.date_of_birth))
 WHERE mine.case_id = ${caseId}
 GROUP BY mine.case_id;
