/*
  Per user of ${symbol}, when the last cancel-all after ${since} was asked for that has its outcome: older orders that
  are still on their way end at intake. Locks nothing.
*/
SELECT user_id, max(created_at) AS created_at
  FROM trading.commands
 WHERE symbol = ${symbol}
   AND kind = 'CANCEL_ALL'
   AND outcome IS NOT NULL
   AND command_id > partitions.first_id_at(${since})
 GROUP BY user_id;
