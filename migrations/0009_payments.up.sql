-- Money that leaves. The row's state decides every step of a withdrawal; its workflow only decides when.
CREATE SCHEMA IF NOT EXISTS payments;

CREATE TABLE payments.withdrawals (
    withdrawal_id        uuid            NOT NULL,
    user_id              uuid            NOT NULL,
    client_withdrawal_id text            NOT NULL,
    asset                text            NOT NULL,
    amount               numeric(38, 18) NOT NULL,
    address              text            NOT NULL,
    rail                 text            NOT NULL,
    -- Frozen at the request: what limits and approvals are judged by.
    quote_value          numeric(38, 18) NOT NULL,
    state                text            NOT NULL DEFAULT 'REQUESTED',
    risk_reasons         jsonb           NOT NULL DEFAULT '[]',
    -- Unset until screened.
    approvals_needed     smallint,
    review_since         timestamptz,
    nonce                bigint,
    -- What was signed, stored before it is sent: nothing else is ever sent for this withdrawal.
    raw_bytes            text,
    tx_hash              text,
    -- Why it ended otherwise than settled.
    ended_reason         text,
    ended_at             timestamptz,
    created_at           timestamptz     NOT NULL,
    updated_at           timestamptz     NOT NULL,
    CONSTRAINT withdrawals_pkey PRIMARY KEY (withdrawal_id),
    CONSTRAINT withdrawal_client_id_once UNIQUE (user_id, client_withdrawal_id),
    CONSTRAINT withdrawal_amount_positive CHECK (amount > 0),
    CONSTRAINT withdrawal_state_known CHECK (state IN ('REQUESTED', 'AWAITING_CONFIRMATION', 'SCREENING', 'REVIEW',
        'APPROVED', 'SIGNING', 'BROADCAST', 'CONFIRMED', 'SETTLED', 'CANCELLED', 'REJECTED', 'EXPIRED')),
    CONSTRAINT withdrawal_screened CHECK
        (approvals_needed IS NOT NULL
         OR state NOT IN ('REVIEW', 'APPROVED', 'SIGNING', 'BROADCAST', 'CONFIRMED', 'SETTLED')),
    CONSTRAINT withdrawal_signed_before_sent CHECK
        (state NOT IN ('BROADCAST', 'CONFIRMED', 'SETTLED') OR (raw_bytes IS NOT NULL AND tx_hash IS NOT NULL)),
    CONSTRAINT withdrawal_signed_whole CHECK ((raw_bytes IS NULL) = (tx_hash IS NULL)),
    -- What may be on its way is never given back.
    CONSTRAINT withdrawal_given_back_unsigned CHECK
        (state NOT IN ('CANCELLED', 'REJECTED', 'EXPIRED') OR nonce IS NULL),
    CONSTRAINT withdrawal_ended CHECK
        ((state IN ('SETTLED', 'CANCELLED', 'REJECTED', 'EXPIRED')) = (ended_at IS NOT NULL))
);
CREATE INDEX withdrawals_user ON payments.withdrawals (user_id, withdrawal_id);
CREATE INDEX withdrawals_running ON payments.withdrawals (withdrawal_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX withdrawal_nonce_once ON payments.withdrawals (rail, nonce) WHERE nonce IS NOT NULL;

-- Requests of one user are judged one after another: they queue on her row.
CREATE TABLE payments.withdrawal_limits (
    user_id    uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT withdrawal_limits_pkey PRIMARY KEY (user_id)
);

-- The next number of a rail's hot wallet. A number that was taken is always used.
CREATE TABLE payments.nonces (
    rail text   NOT NULL,
    next bigint NOT NULL DEFAULT 0,
    CONSTRAINT nonces_pkey PRIMARY KEY (rail)
);

-- Assets nothing of which is sent until a person says so.
CREATE TABLE payments.halted_assets (
    asset     text        NOT NULL,
    reason    text        NOT NULL,
    halted_at timestamptz NOT NULL,
    CONSTRAINT halted_assets_pkey PRIMARY KEY (asset)
);
