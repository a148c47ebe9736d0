/*
  Users and assets whose accounts hold something else than the leaf of the snapshot ${snapshotId} says, in the same
  transaction: no rows in sound books, ${limit} at most. Reads all accounts.
*/
SELECT user_id, asset, trim_scale(coalesce(held, 0))::text AS held, trim_scale(coalesce(amount, 0))::text AS moved
  FROM (SELECT owner_id AS user_id, asset, sum(balance) AS held
          FROM ledger.accounts
         WHERE owner_id IS NOT NULL
         GROUP BY owner_id, asset) AS balances
  FULL JOIN (SELECT user_id, asset, amount
               FROM ledger.liability_leaves
              WHERE snapshot_id = ${snapshotId}) AS leaves USING (user_id, asset)
 WHERE coalesce(held, 0) <> coalesce(amount, 0)
 ORDER BY user_id, asset
 LIMIT ${limit};
