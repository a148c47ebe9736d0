/* The decision that one update or request made; no row when it made none. */
SELECT officer_id, outcome, revision, decided_at
  FROM compliance.decisions
 WHERE binding = ${binding};
