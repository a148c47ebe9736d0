/*
  Adds ${entries} (a JSON array of {aggregate, kind, payload}) to the outbox, in their order.

  Belongs into the transaction that changes the data. No rows. Takes no locks.
*/
INSERT INTO outbox.entries (aggregate, kind, payload, created_at)
SELECT entry.value ->> 'aggregate', entry.value ->> 'kind', entry.value -> 'payload', ${at}
  FROM jsonb_array_elements(${entries}::jsonb) WITH ORDINALITY AS entry (value, position)
 ORDER BY entry.position;
