/*
  Notes that ${consumer} handles the event ${eventId}, at ${at}. One row the first time, none when it was noted before.
  Waits for another transaction that is noting the same. From here on this transaction may be idle for ${idleMs} only: a
  process that is frozen in it would hold up whoever gets the event instead.
*/
WITH limited AS (
    SELECT set_config('idle_in_transaction_session_timeout', ${idleMs}::text, true) AS idle
)
INSERT INTO inbox.handled (consumer, event_id, handled_at)
SELECT ${consumer}, ${eventId}::uuid, ${at}::timestamptz
  FROM limited
    ON CONFLICT (consumer, event_id) DO NOTHING
RETURNING event_id;
