/*
  Leaves of ${asset} in the snapshot ${snapshotId}, in their order, from the position ${from} on, ${limit} at most.
  Locks nothing.
*/
SELECT user_id, nonce, trim_scale(amount)::text AS amount
  FROM ledger.liability_leaves
 WHERE snapshot_id = ${snapshotId}
   AND asset = ${asset}
   AND position >= ${from}
 ORDER BY position
 LIMIT ${limit};
