/* The switches of ${userId} that are on, that for every market first, then by symbol. Locks nothing. */
SELECT symbol, seconds, cancel_at
  FROM trading.cancel_timers
 WHERE user_id = ${userId}
   AND cancel_at IS NOT NULL
 ORDER BY symbol NULLS FIRST;
