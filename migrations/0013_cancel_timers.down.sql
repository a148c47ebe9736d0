DROP TABLE trading.cancel_timers;
ALTER TABLE trading.commands DROP COLUMN reason;
