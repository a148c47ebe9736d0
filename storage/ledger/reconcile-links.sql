/*
  The transfers of the accounts ${accountIds} that lead from or to a balance which no other one joins, at two places at
  least, or that are of another asset than their account: changed ones, or a changed one and its neighbour where that is
  the same in both accounts. An account whose balance itself does not join tells nothing of its transfers. ${limit} at
  most. Reads all transfers of these accounts.
*/
WITH entries AS MATERIALIZED (
    SELECT transfer_id, asset, credit_account_id AS account_id, credit_balance_after - amount AS before,
           credit_balance_after AS after
      FROM ledger.transfers WHERE credit_account_id = ANY (${accountIds}::bigint[])
     UNION ALL
    SELECT transfer_id, asset, debit_account_id, debit_balance_after + amount, debit_balance_after
      FROM ledger.transfers WHERE debit_account_id = ANY (${accountIds}::bigint[])
), loose AS (
    SELECT account_id, value, sum(step) AS step
      FROM (SELECT account_id, after, 1 FROM entries
             UNION ALL
            SELECT account_id, before, -1 FROM entries
             UNION ALL
            SELECT account_id, 0, 1 FROM ledger.accounts WHERE account_id = ANY (${accountIds}::bigint[])
             UNION ALL
            SELECT account_id, balance, -1 FROM ledger.accounts WHERE account_id = ANY (${accountIds}::bigint[])
           ) AS point (account_id, value, step)
     GROUP BY account_id, value
    HAVING sum(step) <> 0
), telling AS (
    SELECT account_id, value, step
      FROM loose
     WHERE NOT EXISTS (SELECT FROM ledger.accounts JOIN loose AS own USING (account_id)
                        WHERE account_id = loose.account_id AND own.value = balance AND own.step < 0)
)
SELECT transfer_id, kind, asset, trim_scale(amount)::text AS amount, journal_id
  FROM ledger.transfers
  JOIN (SELECT transfer_id
          FROM entries JOIN telling USING (account_id)
         WHERE (before = value AND step < 0) OR (after = value AND step > 0)
         GROUP BY transfer_id
        HAVING count(*) > 1
         UNION
        SELECT transfer_id
          FROM entries LEFT JOIN ledger.accounts USING (account_id)
         WHERE entries.asset IS DISTINCT FROM accounts.asset) AS found USING (transfer_id)
 ORDER BY transfer_id
 LIMIT ${limit};
