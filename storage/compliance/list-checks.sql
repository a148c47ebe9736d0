/* What the checks found about one submission of a case. */
SELECT kind, reasons, source
  FROM compliance.kyc_checks
 WHERE case_id = ${caseId} AND submission = ${submission}
 ORDER BY kind;
