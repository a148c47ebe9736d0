/*
  Where the custodian's statement (${lines}, a JSON array) is not what is known of the rail ${rail}: lines of something
  unknown, which may be on its way to us if it came since ${before}; withdrawals settled before ${before} of which there
  is none; what is there several times, or as something else. Null is what there is not. No rows when they agree,
  ${limit} at most. Reads all withdrawals and deposits. Locks nothing.
*/
WITH line AS (
    SELECT direction, reference, min(asset) AS asset, min(amount) AS amount, min("to") AS address, max(at) AS at,
           count(*)::integer AS times
      FROM json_to_recordset(${lines}::json)
           AS line (direction text, reference text, asset text, amount numeric, "to" text, at timestamptz)
     GROUP BY direction, reference
), known AS (
    SELECT 'out' AS direction, tx_hash AS reference, withdrawal_id AS id, asset, amount, address,
           state = 'SETTLED' AND ended_at < ${before} AS is_due
      FROM payments.withdrawals
     WHERE rail = ${rail} AND tx_hash IS NOT NULL
     UNION ALL
    SELECT 'in', reference, deposit_id, asset, amount, NULL, false
      FROM payments.deposits
     WHERE rail = ${rail}
)
SELECT direction, reference, known.id, line.times,
       line.asset AS line_asset, trim_scale(line.amount)::text AS line_amount, line.address AS line_address,
       known.asset AS known_asset, trim_scale(known.amount)::text AS known_amount, known.address AS known_address
  FROM line
  FULL JOIN known USING (direction, reference)
 WHERE CASE WHEN known.id IS NULL THEN direction = 'out' OR line.at < ${before}
            WHEN line.times IS NULL THEN is_due
            ELSE line.times > 1 OR (line.asset, line.amount, line.address)
                                   IS DISTINCT FROM (known.asset, known.amount, known.address) END
 ORDER BY direction, reference, known.id
 LIMIT ${limit};
