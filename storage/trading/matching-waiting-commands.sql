/* Commands of ${symbol} older than ${before} without outcome, at most ${limit}, by id. Locks nothing. */
SELECT command_id
  FROM trading.commands
 WHERE symbol = ${symbol}
   AND outcome IS NULL
   AND created_at < ${before}
 ORDER BY command_id
 LIMIT ${limit};
