/*
  Switches off what ${userId} has set for ${symbol} (null: every market, by one switch). Its workflow finds out when it
  wakes. No row. Locks the switch.
*/
UPDATE trading.cancel_timers
   SET cancel_at = NULL
 WHERE user_id = ${userId}
   AND symbol IS NOT DISTINCT FROM ${symbol}
   AND cancel_at IS NOT NULL;
