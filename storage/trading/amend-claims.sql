/* The amends without outcome: each may hold funds under its own id. Locks nothing. */
SELECT command_id AS reservation_id FROM trading.commands WHERE kind = 'AMEND' AND outcome IS NULL;
