/*
  Stores for the snapshot ${snapshotId} what each user has of each asset, as the transfers say it: who has nothing has
  no leaf. Their order is that of random nonces. Answers each asset with its scale, leaves and sum, by asset. Reads all
  transfers.
*/
WITH moved AS (
    SELECT account_id, sum(change) AS amount
      FROM (SELECT credit_account_id, amount FROM ledger.transfers
             UNION ALL
            SELECT debit_account_id, -amount FROM ledger.transfers) AS entry (account_id, change)
     GROUP BY account_id
), held AS MATERIALIZED (
    SELECT asset, owner_id AS user_id, gen_random_uuid() AS nonce, sum(amount) AS amount
      FROM ledger.accounts
      JOIN moved USING (account_id)
     WHERE owner_id IS NOT NULL
     GROUP BY asset, owner_id
    HAVING sum(amount) <> 0
), added AS (
    INSERT INTO ledger.liability_leaves (snapshot_id, asset, position, user_id, nonce, amount)
    SELECT ${snapshotId}, asset, row_number() OVER (PARTITION BY asset ORDER BY nonce) - 1, user_id, nonce, amount
      FROM held
    RETURNING asset, amount
)
SELECT asset, scale, count(*)::integer AS leaves, trim_scale(sum(amount))::text AS sum
  FROM added
  JOIN ledger.assets USING (asset)
 GROUP BY asset, scale
 ORDER BY asset;
