/* The switch ${timerId}, locked until the transaction ends; no row when there is none. */
SELECT user_id, symbol, cancel_at, fired_at FROM trading.cancel_timers WHERE timer_id = ${timerId} FOR UPDATE;
