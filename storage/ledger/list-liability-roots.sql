/*
  The published snapshots, newest first, ${limit} at most, older than ${before} (null: from the newest), with the roots
  of their assets by asset. Locks nothing.
*/
SELECT snapshot_id, taken_at,
       (SELECT coalesce(json_agg(json_build_object('asset', asset, 'leaves', leaves, 'hash', encode(hash, 'hex'),
                                                   'sum', trim_scale(sum)::text) ORDER BY asset), '[]')
          FROM ledger.liability_roots
         WHERE liability_roots.snapshot_id = snapshots.snapshot_id) AS roots
  FROM ledger.liability_snapshots AS snapshots
 WHERE ${before}::uuid IS NULL OR snapshot_id < ${before}::uuid
 ORDER BY snapshot_id DESC
 LIMIT ${limit};
