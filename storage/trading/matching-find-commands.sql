/* Those of the commands ${ids} that have no outcome, by id. Locks nothing. */
SELECT command_id, kind, user_id, order_id, created_at
  FROM trading.commands
 WHERE command_id = ANY (${ids}::uuid[])
   AND outcome IS NULL
 ORDER BY command_id;
