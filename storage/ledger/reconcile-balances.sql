/*
  Accounts whose balance is not what their transfers say, and transfers between accounts that do not exist or are of
  another asset: no rows in sound books, ${limit} at most. Reads everything.
*/
WITH moved AS (
    SELECT account_id, asset, sum(change) AS moved
      FROM (SELECT credit_account_id, asset, amount FROM ledger.transfers
             UNION ALL
            SELECT debit_account_id, asset, -amount FROM ledger.transfers) AS entry (account_id, asset, change)
     GROUP BY account_id, asset
)
SELECT coalesce(accounts.account_id, moved.account_id) AS account_id, coalesce(accounts.asset, moved.asset) AS asset,
       trim_scale(coalesce(balance, 0))::text AS balance, trim_scale(coalesce(moved, 0))::text AS moved
  FROM ledger.accounts
  FULL JOIN moved ON moved.account_id = accounts.account_id AND moved.asset = accounts.asset
 WHERE accounts.account_id IS NULL
    OR balance <> coalesce(moved, 0)
 ORDER BY 1
 LIMIT ${limit};
