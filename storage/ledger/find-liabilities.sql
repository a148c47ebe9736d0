/*
  What ${userId} has in the snapshot ${snapshotId}, with the root of each asset, by asset. No rows when it was nothing,
  or is kept no longer. Locks nothing.
*/
SELECT asset, scale, position, nonce, trim_scale(amount)::text AS amount, leaves, encode(hash, 'hex') AS root_hash,
       trim_scale(sum)::text AS root_sum
  FROM ledger.liability_leaves
  JOIN ledger.liability_roots USING (snapshot_id, asset)
  JOIN ledger.assets USING (asset)
 WHERE snapshot_id = ${snapshotId}
   AND user_id = ${userId}
 ORDER BY asset;
