/* Which of the commands ${ids} have their outcome. Locks nothing. */
SELECT command_id
  FROM trading.commands
 WHERE command_id = ANY (${ids}::uuid[])
   AND outcome IS NOT NULL;
