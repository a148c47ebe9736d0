/* Removes what proofs are made of from snapshots taken before ${before}. Their roots stay. */
WITH old AS (
    SELECT snapshot_id FROM ledger.liability_snapshots WHERE taken_at < ${before}
), leaves AS (
    DELETE FROM ledger.liability_leaves WHERE snapshot_id IN (SELECT snapshot_id FROM old)
)
DELETE FROM ledger.liability_nodes WHERE snapshot_id IN (SELECT snapshot_id FROM old);
