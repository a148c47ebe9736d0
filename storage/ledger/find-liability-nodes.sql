/*
  Nodes of the snapshot ${snapshotId} at these places (parallel arrays of assets, levels and positions), in their order;
  missing ones are left out. Locks nothing.
*/
SELECT place.number::integer - 1 AS number, encode(hash, 'hex') AS hash, trim_scale(sum)::text AS sum
  FROM unnest(${assets}::text[], ${levels}::integer[], ${positions}::integer[]) WITH ORDINALITY
       AS place (asset, level, position, number)
  JOIN ledger.liability_nodes USING (asset, level, position)
 WHERE snapshot_id = ${snapshotId}
 ORDER BY number;
