/*
  The oldest ${limit} committed lines that no link proves yet, in order of id, with their hashes.

  An anti-join, because lines commit in another order than their ids. It looks back ${slackMs} before the newest link:
  no transaction lasts that long, and so it stays fast however old the log is. Takes no locks.
*/
WITH newest AS (
    SELECT audit.first_id_at(line.at - make_interval(secs => ${slackMs} / 1000.0)) AS since
      FROM audit.audit_chain link
      JOIN audit.audit_logs line ON line.id = link.audit_id
     ORDER BY link.seq DESC
     LIMIT 1
), since AS (
    SELECT coalesce((SELECT since FROM newest), '00000000-0000-0000-0000-000000000000'::uuid) AS id
)
SELECT line.id, audit.row_hash(line) AS row_hash
  FROM audit.audit_logs line
 WHERE line.id >= (SELECT id FROM since)
   AND NOT EXISTS (SELECT 1 FROM audit.audit_chain link
                    WHERE link.audit_id = line.id AND link.audit_id >= (SELECT id FROM since))
 ORDER BY line.id
 LIMIT ${limit};
