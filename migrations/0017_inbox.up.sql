-- What was told is kept for a while, so that it can be told again; what consumers did is noted once an event.

CREATE TABLE outbox.told (
    -- That of the entry.
    seq      bigint      PRIMARY KEY,
    stream   text        NOT NULL,
    -- Where it lies in the stream: both parts of its id there, which Redis orders by number.
    place_ms bigint      NOT NULL,
    place_no bigint      NOT NULL,
    event    jsonb       NOT NULL,
    told_at  timestamptz NOT NULL
);
CREATE INDEX told_by_place ON outbox.told (stream, place_ms, place_no);
CREATE INDEX told_by_time ON outbox.told (told_at);

CREATE SCHEMA inbox;

-- Written in the transaction of the effect: a consumer that gets an event again finds it here and does nothing.
CREATE TABLE inbox.handled (
    consumer   text        NOT NULL,
    event_id   uuid        NOT NULL,
    handled_at timestamptz NOT NULL,
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX handled_by_time ON inbox.handled (handled_at);

CREATE SCHEMA monitoring;

-- How far the trades of each market are counted, by their numbers without gaps.
CREATE TABLE monitoring.progress (
    symbol    text   PRIMARY KEY,
    trade_seq bigint NOT NULL
);

-- How often things of a type happened on a day (UTC); symbol is empty for what belongs to no market.
CREATE TABLE monitoring.counts (
    day    date   NOT NULL,
    type   text   NOT NULL,
    symbol text   NOT NULL,
    events bigint NOT NULL,
    PRIMARY KEY (day, type, symbol)
);
