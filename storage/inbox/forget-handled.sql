/* Forgets at most ${limit} events handled before ${before}; its rows are counted. Locks those rows. */
DELETE FROM inbox.handled
 WHERE (consumer, event_id) IN (SELECT old.consumer, old.event_id
                                  FROM inbox.handled AS old
                                 WHERE old.handled_at < ${before}
                                 LIMIT ${limit});
