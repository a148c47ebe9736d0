ALTER TABLE trading.commands DROP COLUMN reason;
