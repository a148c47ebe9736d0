/*
  What moved in the accounts of ${userId} in ${asset}, newest first: ${limit} at most, before the transfer ${before}
  (null: from the newest), posted from ${start} until before ${end} (null: at any time). A transfer between the two
  accounts is one row for each. No rows when nothing moved. Locks nothing.
  A transfer is posted after its id was made, by clocks that differ by minutes at most: what is posted before ${end} is
  found from there.
*/
SELECT moved.transfer_id, moved.journal_id, moved.kind, moved.reason, moved.created_at, moved.account,
       CASE WHEN counter.owner_id <> ${userId} THEN 'user' ELSE counter.kind::text END AS counter_account,
       trim_scale(moved.amount)::text AS amount, trim_scale(moved.balance_after)::text AS balance_after
  FROM (SELECT transfers.*, accounts.kind AS account
          FROM ledger.accounts
         CROSS JOIN LATERAL (
                   (SELECT transfer_id, journal_id, debits.kind, reason, created_at, -amount AS amount,
                           debit_balance_after AS balance_after, credit_account_id AS counter_id
                      FROM ledger.transfers AS debits
                     WHERE debit_account_id = accounts.account_id
                       AND (${before}::uuid IS NULL OR transfer_id < ${before}::uuid)
                       AND (${start}::timestamptz IS NULL OR created_at >= ${start}::timestamptz)
                       AND (${end}::timestamptz IS NULL OR created_at < ${end}::timestamptz
                            AND transfer_id < partitions.first_id_at(${end}::timestamptz + interval '1 hour'))
                     ORDER BY transfer_id DESC
                     LIMIT ${limit})
                     UNION ALL
                   (SELECT transfer_id, journal_id, credits.kind, reason, created_at, amount,
                           credit_balance_after, debit_account_id
                      FROM ledger.transfers AS credits
                     WHERE credit_account_id = accounts.account_id
                       AND (${before}::uuid IS NULL OR transfer_id < ${before}::uuid)
                       AND (${start}::timestamptz IS NULL OR created_at >= ${start}::timestamptz)
                       AND (${end}::timestamptz IS NULL OR created_at < ${end}::timestamptz
                            AND transfer_id < partitions.first_id_at(${end}::timestamptz + interval '1 hour'))
                     ORDER BY transfer_id DESC
                     LIMIT ${limit})
               ) AS transfers
         WHERE accounts.owner_id = ${userId}
           AND accounts.asset = ${asset}
         ORDER BY transfers.transfer_id DESC, accounts.kind
         LIMIT ${limit}) AS moved
  JOIN ledger.accounts AS counter ON counter.account_id = moved.counter_id
 ORDER BY moved.transfer_id DESC, moved.account;
