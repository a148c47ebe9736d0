/*
  Notes what came of a look at the switch ${timerId}, which the caller has locked: when its workflow looks again (null:
  never, it ends), and when it fired. No row.
*/
UPDATE trading.cancel_timers
   SET cancel_at = ${cancelAt}, wakes_at = ${cancelAt}, fired_at = ${firedAt}
 WHERE timer_id = ${timerId};
