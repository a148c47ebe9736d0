/*
  Accounts whose balance is not their checkpoint and what came after ${through}, and assets that do not sum to zero: no
  rows in sound books, few in others. Reads all accounts, and of the transfers the newest.
*/
WITH since AS (
    SELECT account_id, sum(change) AS moved
      FROM ledger.transfers,
           LATERAL (VALUES (credit_account_id, amount), (debit_account_id, -amount)) AS entry (account_id, change)
     WHERE created_at > ${through}
     GROUP BY account_id
), wrong AS (
    SELECT account_id
      FROM ledger.accounts
      LEFT JOIN ledger.checkpoints USING (account_id)
      LEFT JOIN since USING (account_id)
     WHERE balance <> coalesce(checkpoints.moved, 0) + coalesce(since.moved, 0)
     LIMIT 5
)
SELECT 'account ' || account_id AS subject FROM wrong
 UNION ALL
SELECT asset FROM ledger.accounts GROUP BY asset HAVING sum(balance) <> 0;
