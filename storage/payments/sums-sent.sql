/*
  Of each asset what left over ${rail}: by the custodian's statement (${lines}, a JSON array), without withdrawals that
  are not settled yet; and by the clearing account, without those settled since ${before} that the statement does not
  have yet. Reads all of them, and all transfers. Locks nothing.
*/
WITH line AS (
    SELECT reference, asset, amount
      FROM json_to_recordset(${lines}::json) AS line (direction text, reference text, asset text, amount numeric)
     WHERE direction = 'out'
)
SELECT asset, trim_scale(sum(stated))::text AS stated, trim_scale(sum(booked))::text AS booked
  FROM (SELECT asset, amount AS stated, 0 AS booked
          FROM line
         WHERE NOT EXISTS (SELECT FROM payments.withdrawals
                            WHERE rail = ${rail} AND tx_hash = line.reference AND ended_at IS NULL)
         UNION ALL
        SELECT asset, 0, amount
          FROM ledger.crossings()
         WHERE outgoing AND rail = ${rail}
           AND NOT EXISTS (SELECT FROM payments.withdrawals
                            WHERE withdrawal_id = journal_id AND ended_at >= ${before}
                              AND tx_hash NOT IN (SELECT reference FROM line))) AS part
 GROUP BY asset
 ORDER BY asset;
