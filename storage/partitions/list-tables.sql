/* The partitioned tables, by name. Locks nothing. */
SELECT parent
  FROM partitions.tables
 ORDER BY parent;
