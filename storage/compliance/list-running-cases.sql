/* The ids of cases whose workflow must be running, after ${after} and older than ${createdBefore}, in order. */
SELECT case_id
  FROM compliance.kyc_cases
 WHERE state IN ('screening', 'review', 'more_info')
   AND (${after}::uuid IS NULL OR case_id > ${after}::uuid)
   AND updated_at < ${createdBefore}
 ORDER BY case_id
 LIMIT ${limit};
