/* The end of the chain; no row while nothing is linked. */
SELECT seq, hash
  FROM audit.audit_chain
 ORDER BY seq DESC
 LIMIT 1;
