/*
  Sets the switch of ${userId} for ${symbol} (null: every market), to fire at ${cancelAt}, which is ${seconds} from now;
  ${timerId} is its id if it is new. One row: its id, and whether its workflow must be told, since there is none or it
  would wake too late. Locks the switch.
*/
INSERT INTO trading.cancel_timers AS timer (timer_id, user_id, symbol, seconds, cancel_at, wakes_at)
VALUES (${timerId}, ${userId}, ${symbol}, ${seconds}, ${cancelAt}, ${cancelAt})
ON CONFLICT ON CONSTRAINT cancel_timer_once DO UPDATE
   SET seconds = excluded.seconds,
       cancel_at = excluded.cancel_at,
       wakes_at = least(timer.wakes_at, excluded.cancel_at),
       fired_at = NULL
RETURNING timer_id, wakes_at = cancel_at AS must_wake;
