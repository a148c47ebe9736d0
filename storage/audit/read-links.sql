/* Links after ${after}, in order, with the present hash of the line each proves (NULL when the line is gone). */
SELECT link.seq, link.audit_id, link.row_hash, link.previous_hash, link.hash, audit.row_hash(line) AS line_hash
  FROM audit.audit_chain link
  LEFT JOIN audit.audit_logs line ON line.id = link.audit_id
 WHERE link.seq > ${after}
 ORDER BY link.seq
 LIMIT ${limit};
