/* PostgreSQL's counts of rows inserted, updated and deleted in each partition of ledger.transfers. Always one row. */
SELECT coalesce(jsonb_object_agg(schemaname || '.' || relname,
                                 jsonb_build_array(n_tup_ins, n_tup_upd, n_tup_del)), '{}') AS counts
  FROM pg_partition_tree('ledger.transfers') AS tree
  JOIN pg_stat_user_tables AS counted ON counted.relid = tree.relid
 WHERE isleaf;
