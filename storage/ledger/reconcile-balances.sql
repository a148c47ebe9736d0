/*
  Accounts whose balance is not what their transfers say, or whose transfers do not lead from one balance to the next,
  and transfers between accounts that do not exist or are of another asset: no rows in sound books, ${limit} at most.
  Reads everything.

  Of each transfer the balance before and the balance after are mixed together: in a chain from zero to the balance each
  one between is there twice, and falls out.
*/
WITH moved AS (
    SELECT account_id, asset, sum(change) AS moved,
           bit_xor(hash_numeric_extended(after, 0) # hash_numeric_extended(after - change, 0)) AS ends
      FROM (SELECT credit_account_id, asset, amount, credit_balance_after FROM ledger.transfers
             UNION ALL
            SELECT debit_account_id, asset, -amount, debit_balance_after FROM ledger.transfers
           ) AS entry (account_id, asset, change, after)
     GROUP BY account_id, asset
)
SELECT coalesce(accounts.account_id, moved.account_id) AS account_id, coalesce(accounts.asset, moved.asset) AS asset,
       trim_scale(coalesce(balance, 0))::text AS balance, trim_scale(coalesce(moved, 0))::text AS moved
  FROM ledger.accounts
  FULL JOIN moved ON moved.account_id = accounts.account_id AND moved.asset = accounts.asset
 WHERE accounts.account_id IS NULL
    OR balance <> coalesce(moved, 0)
    OR coalesce(ends, 0) <> hash_numeric_extended(0, 0) # hash_numeric_extended(balance, 0)
 ORDER BY 1
 LIMIT ${limit};
