-- Cancel-all-after: users whose orders end unless they are heard of in time.

-- Why orders are cancelled, where it is not because their user says so.
ALTER TABLE trading.commands ADD COLUMN reason text;
ALTER TABLE trading.commands
    ADD CONSTRAINT command_reason_known CHECK (reason IS NULL OR (kind = 'CANCEL_ALL' AND reason = 'CANCEL_ALL_AFTER'));

