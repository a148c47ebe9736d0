/* One row if ${consumer} has handled the event ${eventId}, else none. Locks nothing. */
SELECT event_id
  FROM inbox.handled
 WHERE consumer = ${consumer}
   AND event_id = ${eventId};
