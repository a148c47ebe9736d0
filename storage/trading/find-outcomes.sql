/* What came of the commands ${ids}; no row for one that the matcher has not taken in. Locks nothing. */
SELECT command_id, outcome
  FROM trading.commands
 WHERE command_id = ANY (${ids}::uuid[])
   AND outcome IS NOT NULL;
