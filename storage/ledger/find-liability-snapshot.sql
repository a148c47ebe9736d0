/* The snapshot ${snapshotId}, or the newest (null). No row when there is none. Locks nothing. */
SELECT snapshot_id, taken_at
  FROM ledger.liability_snapshots
 WHERE ${snapshotId}::uuid IS NULL OR snapshot_id = ${snapshotId}::uuid
 ORDER BY snapshot_id DESC
 LIMIT 1;
