/* How many rows are in the DEFAULT partition of ${parent}. Always one row. Locks nothing. */
SELECT partitions.strays(${parent}::regclass) AS strays;
