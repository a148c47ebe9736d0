/* Removes the entries ${seqs} that have been told. Removing them again does nothing. Locks those rows. */
DELETE FROM outbox.entries
 WHERE entries.seq = ANY (${seqs}::bigint[]);
