/* Forgets at most ${limit} events told before ${before}; its rows are counted. Locks those rows. */
DELETE FROM outbox.told
 WHERE seq IN (SELECT old.seq FROM outbox.told AS old WHERE old.told_at < ${before} LIMIT ${limit});
