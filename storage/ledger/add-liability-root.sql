/* Publishes the root of ${asset} in the snapshot ${snapshotId}. A second one breaks liability_roots_pkey. */
INSERT INTO ledger.liability_roots (snapshot_id, asset, leaves, hash, sum)
VALUES (${snapshotId}, ${asset}, ${leaves}, decode(${hash}, 'hex'), ${sum}::numeric);
