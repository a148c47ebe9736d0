/* Until the transaction ends, its queries use no parallel workers. Locks nothing. */
SET LOCAL max_parallel_workers_per_gather = 0;
