/*
  Adds links, one per array position. Returns nothing. A second chainer breaks audit_chain_pkey: one of the two wins.
*/
INSERT INTO audit.audit_chain (seq, audit_id, row_hash, previous_hash, hash)
SELECT *
  FROM unnest(${seqs}::bigint[], ${auditIds}::uuid[], ${rowHashes}::bytea[], ${previousHashes}::bytea[],
              ${hashes}::bytea[]);
