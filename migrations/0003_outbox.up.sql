-- What was committed and has still to be told: events to publish, workflows to start or signal (ARCHITECTURE §4).

CREATE SCHEMA outbox;

CREATE TABLE outbox.entries (
    -- The order in which entries of one aggregate were written: their transactions queue on the aggregate's row.
    -- Between aggregates rows commit in any order, so nothing may ever page by it.
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    aggregate  text        NOT NULL,
    kind       text        NOT NULL CONSTRAINT outbox_kind_known
                           CHECK (kind IN ('event', 'start', 'signal', 'signal_with_start')),
    payload    jsonb       NOT NULL,
    created_at timestamptz NOT NULL,
    -- Told at once at first; later when telling it has failed.
    due_at     timestamptz NOT NULL DEFAULT '-infinity',
    attempts   integer     NOT NULL DEFAULT 0,
    last_error text
);

-- What blocks others of its aggregate: nearly always empty.
CREATE INDEX entries_put_off ON outbox.entries (aggregate, seq) WHERE attempts > 0;

-- Rows come and go all day: vacuum by count, not by share of a table that is nearly always empty.
ALTER TABLE outbox.entries SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE SCHEMA leases;

-- One holder at a time, on this database's clock. The epoch rises with every change of holder.
CREATE TABLE leases.leases (
    name       text        PRIMARY KEY,
    holder     text        NOT NULL,
    epoch      bigint      NOT NULL,
    expires_at timestamptz NOT NULL
);
