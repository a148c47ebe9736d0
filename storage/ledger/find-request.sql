/* What was answered to a request; no row when it never came. Locks nothing. */
SELECT content_hash, answer, refusal
  FROM ledger.requests
 WHERE operation = ${operation}
   AND key = ${key};
