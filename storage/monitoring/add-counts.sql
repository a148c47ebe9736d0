/* Adds ${events} of ${type} in ${symbol} to those of their ${days} (parallel, no day twice). No rows. Locks those. */
INSERT INTO monitoring.counts AS known (day, type, symbol, events)
SELECT added.day, ${type}, ${symbol}, added.events
  FROM unnest(${days}::date[], ${events}::bigint[]) AS added (day, events)
 ORDER BY added.day
    ON CONFLICT (day, type, symbol) DO UPDATE
   SET events = known.events + excluded.events;
