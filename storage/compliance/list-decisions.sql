/* The decisions on a case or withdrawal, oldest first. */
SELECT officer_id, outcome, revision, decided_at
  FROM compliance.decisions
 WHERE subject = ${subject} AND subject_id = ${subjectId}
 ORDER BY decision_id;
