-- Money that arrives from outside. A rail (a chain, a bank, the development rail) names each transfer once.
CREATE SCHEMA IF NOT EXISTS payments;

CREATE TABLE payments.deposits (
    deposit_id  uuid            NOT NULL,
    rail        text            NOT NULL,
    reference   text            NOT NULL,
    user_id     uuid            NOT NULL,
    asset       text            NOT NULL,
    amount      numeric(38, 18) NOT NULL,
    state       text            NOT NULL DEFAULT 'CONFIRMED',
    created_at  timestamptz     NOT NULL,
    credited_at timestamptz,
    CONSTRAINT deposits_pkey PRIMARY KEY (deposit_id),
    CONSTRAINT deposit_reported_once UNIQUE (rail, reference),
    CONSTRAINT deposit_amount_positive CHECK (amount > 0),
    CONSTRAINT deposit_state_known CHECK (state IN ('CONFIRMED', 'CREDITED')),
    CONSTRAINT deposit_credited_at CHECK ((state = 'CREDITED') = (credited_at IS NOT NULL))
);
CREATE INDEX deposits_user ON payments.deposits (user_id, deposit_id);
CREATE INDEX deposits_uncredited ON payments.deposits (deposit_id) WHERE state = 'CONFIRMED';
