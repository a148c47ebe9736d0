-- The books are checked all day: where the quick check goes on from, what was found, and the cases that officers close.

-- Finds the newest transfers without reading the others. They come in its order, so that it stays tiny.
CREATE INDEX transfers_created ON ledger.transfers USING brin (created_at) WITH (autosummarize = on);

-- One row: what the checks know of one another.
CREATE TABLE ledger.reconciliation (
    one         boolean     NOT NULL DEFAULT true,
    -- ledger.checkpoints sum up the transfers created up to then; null: they are to be made.
    through     timestamptz,
    -- Of each partition of ledger.transfers, PostgreSQL's counts of rows inserted, updated and deleted.
    counts      jsonb       NOT NULL DEFAULT '{}',
    -- When the last check that found nothing was made.
    sound_at    timestamptz,
    -- Somebody wants a full check.
    full_wanted boolean     NOT NULL DEFAULT true,
    -- When the last full check was made, and how long it took.
    full_at     timestamptz,
    full_ms     integer     NOT NULL DEFAULT 0,
    CONSTRAINT reconciliation_pkey PRIMARY KEY (one),
    CONSTRAINT reconciliation_one CHECK (one)
);
INSERT INTO ledger.reconciliation DEFAULT VALUES;

-- What the transfers up to reconciliation.through made of each account.
CREATE TABLE ledger.checkpoints (
    account_id bigint          CONSTRAINT checkpoints_pkey PRIMARY KEY,
    moved      numeric(38, 18) NOT NULL
) WITH (fillfactor = 70);

-- What is found while a case is open belongs to it.
CREATE TABLE ledger.break_cases (
    case_id   uuid        CONSTRAINT break_cases_pkey PRIMARY KEY,
    state     text        NOT NULL DEFAULT 'open',
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT break_case_state_known CHECK (state IN ('open', 'closed')),
    CONSTRAINT break_case_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX break_case_one_open ON ledger.break_cases (state) WHERE state = 'open';

-- What did not agree. It is mended once a full check does not find it any more.
CREATE TABLE ledger.breaks (
    break_id  uuid        CONSTRAINT breaks_pkey PRIMARY KEY,
    case_id   uuid        NOT NULL CONSTRAINT break_case_fkey REFERENCES ledger.break_cases,
    check_of  text        NOT NULL,
    subject   text        NOT NULL,
    -- Whose withdrawals it halts; empty: all.
    assets    text[]      NOT NULL,
    finding   text        NOT NULL,
    state     text        NOT NULL DEFAULT 'open',
    found_at  timestamptz NOT NULL,
    seen_at   timestamptz NOT NULL,
    mended_at timestamptz,
    CONSTRAINT break_once UNIQUE (case_id, check_of, subject),
    CONSTRAINT break_state_known CHECK (state IN ('open', 'mended')),
    CONSTRAINT break_mended CHECK ((state = 'mended') = (mended_at IS NOT NULL))
);

-- Whoever halts an asset lifts his own halt only. The asset * stands for all.
ALTER TABLE payments.halted_assets
    ADD COLUMN halted_by text NOT NULL DEFAULT 'person',
    DROP CONSTRAINT halted_assets_pkey,
    ADD CONSTRAINT halted_assets_pkey PRIMARY KEY (asset, halted_by),
    ADD CONSTRAINT halted_by_known CHECK (halted_by IN ('person', 'reconciliation'));

-- Closing a case of breaks is decided too.
ALTER TABLE compliance.decisions
    DROP CONSTRAINT decision_subject_known,
    ADD CONSTRAINT decision_subject_known CHECK (subject IN ('kyc', 'withdrawal', 'trade', 'breaks'));
