-- Cancel-all-after: users whose orders end unless they are heard of in time.

-- Why orders are cancelled, where it is not because their user says so.
ALTER TABLE trading.commands ADD COLUMN reason text;
ALTER TABLE trading.commands
    ADD CONSTRAINT command_reason_known CHECK (reason IS NULL OR (kind = 'CANCEL_ALL' AND reason = 'CANCEL_ALL_AFTER'));

-- One switch a user and market, and one for all his markets; kept once made. Renewing it touches no indexed column.
CREATE TABLE trading.cancel_timers (
    timer_id  uuid        CONSTRAINT cancel_timers_pkey PRIMARY KEY,
    user_id   uuid        NOT NULL,
    -- Null: every market.
    symbol    text        CONSTRAINT cancel_timer_market_fkey REFERENCES trading.markets,
    -- As last asked for.
    seconds   integer     NOT NULL,
    -- When the orders end; null while it is off, or has fired.
    cancel_at timestamptz,
    -- When its workflow looks at this row next; null: it has none.
    wakes_at  timestamptz,
    -- Of the time it was set last.
    fired_at  timestamptz,
    CONSTRAINT cancel_timer_once UNIQUE NULLS NOT DISTINCT (user_id, symbol),
    CONSTRAINT cancel_timer_seconds_possible CHECK (seconds BETWEEN 1 AND 86400),
    CONSTRAINT cancel_timer_fired_is_off CHECK (fired_at IS NULL OR cancel_at IS NULL),
    CONSTRAINT cancel_timer_is_watched CHECK (cancel_at IS NULL OR (wakes_at IS NOT NULL AND wakes_at <= cancel_at))
) WITH (fillfactor = 50);
CREATE INDEX cancel_timers_watched ON trading.cancel_timers (wakes_at) WHERE wakes_at IS NOT NULL;
