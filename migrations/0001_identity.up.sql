-- Who may enter: users and their registration attempts, mailed links, sessions with their refresh tokens, and second
-- factors.
CREATE SCHEMA identity;

-- Every registration is a row of its own; the address becomes unique only once it is verified. Whoever registers a
-- taken address therefore learns nothing.
CREATE TABLE identity.users (
    user_id                   uuid        NOT NULL,
    email                     text        NOT NULL,
    email_normalised          text        NOT NULL,
    password_hash             text        NOT NULL,
    first_name                text,
    last_name                 text,
    role                      text        NOT NULL DEFAULT 'user',
    kyc_status                text        NOT NULL DEFAULT 'pending',
    verified_at               timestamptz,
    frozen_at                 timestamptz,
    deleted_at                timestamptz,
    verification_requested_at timestamptz NOT NULL,
    created_at                timestamptz NOT NULL,
    updated_at                timestamptz NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (user_id),
    CONSTRAINT user_role_known CHECK (role IN ('user', 'compliance', 'admin', 'service')),
    CONSTRAINT user_kyc_status_known CHECK (kyc_status IN ('pending', 'verified', 'rejected')),
    CONSTRAINT user_verified_before_kyc CHECK (kyc_status = 'pending' OR verified_at IS NOT NULL)
);
CREATE UNIQUE INDEX user_email_unique ON identity.users (email_normalised)
    WHERE verified_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX users_pending ON identity.users (email_normalised, user_id) WHERE verified_at IS NULL;
CREATE INDEX users_waiting ON identity.users (user_id) WHERE verified_at IS NULL;

-- Links sent by mail; only the SHA-256 of what the link holds.
CREATE TABLE identity.email_tokens (
    token_hash bytea       NOT NULL,
    user_id    uuid        NOT NULL,
    purpose    text        NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT email_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT email_token_user_fkey FOREIGN KEY (user_id) REFERENCES identity.users ON DELETE CASCADE,
    CONSTRAINT email_token_purpose_known CHECK (purpose IN ('verify', 'reset', 'freeze'))
);
CREATE INDEX email_tokens_user ON identity.email_tokens (user_id);

-- One signed-in device. Serials number its refresh tokens: `head` is the newest confirmed one, `child` the one issued
-- from it that nobody has used yet; every other serial is spent (confirmed once) or void (never confirmed).
CREATE TABLE identity.sessions (
    session_id       uuid        NOT NULL,
    user_id          uuid        NOT NULL,
    user_agent       text        NOT NULL,
    ip_address       inet,
    head_serial      integer     NOT NULL,
    child_serial     integer,
    child_generation integer     NOT NULL DEFAULT 0,
    child_issued_at  timestamptz,
    last_factor_at   timestamptz,
    created_at       timestamptz NOT NULL,
    last_used_at     timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    revoked_at       timestamptz,
    revoked_why      text,
    CONSTRAINT sessions_pkey PRIMARY KEY (session_id),
    CONSTRAINT session_user_fkey FOREIGN KEY (user_id) REFERENCES identity.users ON DELETE CASCADE,
    CONSTRAINT session_child_after_head CHECK (child_serial > head_serial),
    CONSTRAINT session_child_issued CHECK ((child_serial IS NULL) = (child_issued_at IS NULL)),
    CONSTRAINT session_revoked_why CHECK ((revoked_at IS NULL) = (revoked_why IS NULL))
);
CREATE INDEX sessions_live ON identity.sessions (user_id) WHERE revoked_at IS NULL;

CREATE TABLE identity.refresh_tokens (
    token_hash   bytea       NOT NULL,
    session_id   uuid        NOT NULL,
    serial       integer     NOT NULL,
    expires_at   timestamptz NOT NULL,
    confirmed_at timestamptz,
    created_at   timestamptz NOT NULL,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_token_serial_once UNIQUE (session_id, serial),
    CONSTRAINT refresh_token_session_fkey FOREIGN KEY (session_id) REFERENCES identity.sessions ON DELETE CASCADE
);

-- The secret is AES-256-GCM: iv, tag, ciphertext.
CREATE TABLE identity.totp_secrets (
    user_id      uuid        NOT NULL,
    secret       bytea       NOT NULL,
    confirmed_at timestamptz,
    created_at   timestamptz NOT NULL,
    CONSTRAINT totp_secrets_pkey PRIMARY KEY (user_id),
    CONSTRAINT totp_secret_user_fkey FOREIGN KEY (user_id) REFERENCES identity.users ON DELETE CASCADE
);

-- Each code works once: the time step it stood for, and what it was spent on.
CREATE TABLE identity.used_totp_steps (
    user_id uuid        NOT NULL,
    step    bigint      NOT NULL,
    binding text        NOT NULL,
    used_at timestamptz NOT NULL,
    CONSTRAINT totp_step_once PRIMARY KEY (user_id, step),
    CONSTRAINT used_totp_step_user_fkey FOREIGN KEY (user_id) REFERENCES identity.users ON DELETE CASCADE
);

-- Failures in a row per address, whether or not anybody has that address; the key is the address' SHA-256.
CREATE TABLE identity.login_failures (
    address_hash  bytea       NOT NULL,
    failures      integer     NOT NULL,
    delayed_until timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT login_failures_pkey PRIMARY KEY (address_hash)
);

-- Devices a user signed in from: they go on while strangers are delayed.
CREATE TABLE identity.known_devices (
    user_id      uuid        NOT NULL,
    device_hash  bytea       NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT known_devices_pkey PRIMARY KEY (user_id, device_hash),
    CONSTRAINT known_device_user_fkey FOREIGN KEY (user_id) REFERENCES identity.users ON DELETE CASCADE
);
