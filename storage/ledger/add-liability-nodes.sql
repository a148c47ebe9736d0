/*
  Stores nodes of one level of the tree of ${asset} in the snapshot ${snapshotId}, from the position ${from} on, in
  their order (parallel arrays).
*/
INSERT INTO ledger.liability_nodes (snapshot_id, asset, level, position, hash, sum)
SELECT ${snapshotId}, ${asset}, ${level}, ${from} + number - 1, decode(hash, 'hex'), sum
  FROM unnest(${hashes}::text[], ${sums}::numeric[]) WITH ORDINALITY AS node (hash, sum, number);
