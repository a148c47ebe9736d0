/*
  Every asset: how many accounts it has, and the sum over all accounts, which is zero in sound books. Reads
  everything; belongs into one snapshot with the other checks.
*/
SELECT assets.asset, count(accounts.account_id)::integer AS accounts,
       trim_scale(coalesce(sum(balance), 0))::text AS total
  FROM ledger.assets
  LEFT JOIN ledger.accounts USING (asset)
 GROUP BY assets.asset
 ORDER BY assets.asset;
