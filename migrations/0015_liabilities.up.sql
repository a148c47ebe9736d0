-- Proof of liabilities: once a day a Merkle-sum tree of each asset over what users have of it. The roots are published
-- and stay for ever; what inclusion proofs are made of is kept for some time.

CREATE TABLE ledger.liability_snapshots (
    -- UUIDv7 of about the time it was taken.
    snapshot_id uuid        CONSTRAINT liability_snapshots_pkey PRIMARY KEY,
    -- UTC.
    day         date        NOT NULL,
    taken_at    timestamptz NOT NULL,
    CONSTRAINT liability_snapshot_once_a_day UNIQUE (day)
);

CREATE TABLE ledger.liability_roots (
    snapshot_id uuid            NOT NULL CONSTRAINT liability_root_snapshot_fkey REFERENCES ledger.liability_snapshots,
    asset       text            NOT NULL,
    -- Users who have something of it.
    leaves      integer         NOT NULL,
    hash        bytea           NOT NULL,
    sum         numeric(38, 18) NOT NULL,
    CONSTRAINT liability_roots_pkey PRIMARY KEY (snapshot_id, asset),
    CONSTRAINT liability_root_hash_whole CHECK (length(hash) = 32),
    CONSTRAINT liability_root_holds_something CHECK (leaves > 0 AND sum > 0)
);

CREATE FUNCTION ledger.refuse_republishing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'published roots are append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER liability_snapshots_append_only BEFORE UPDATE OR DELETE ON ledger.liability_snapshots
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_republishing();
CREATE TRIGGER liability_snapshots_no_truncate BEFORE TRUNCATE ON ledger.liability_snapshots
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_republishing();
CREATE TRIGGER liability_roots_append_only BEFORE UPDATE OR DELETE ON ledger.liability_roots
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_republishing();
CREATE TRIGGER liability_roots_no_truncate BEFORE TRUNCATE ON ledger.liability_roots
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_republishing();

-- What one user has, available and reserved together. The nonce is random and told to that user alone: without it
-- nobody can guess whose leaf a hash is of.
CREATE TABLE ledger.liability_leaves (
    snapshot_id uuid            NOT NULL,
    asset       text            NOT NULL,
    -- From 0, in the order of the nonces, which tells nothing.
    position    integer         NOT NULL,
    user_id     uuid            NOT NULL,
    nonce       uuid            NOT NULL,
    amount      numeric(38, 18) NOT NULL,
    CONSTRAINT liability_leaves_pkey PRIMARY KEY (snapshot_id, asset, position),
    CONSTRAINT liability_leaf_once UNIQUE (snapshot_id, user_id, asset)
);

-- The trees: level 0 are the leaves, and the root is in liability_roots.
CREATE TABLE ledger.liability_nodes (
    snapshot_id uuid            NOT NULL,
    asset       text            NOT NULL,
    level       integer         NOT NULL,
    position    integer         NOT NULL,
    hash        bytea           NOT NULL,
    sum         numeric(38, 18) NOT NULL,
    CONSTRAINT liability_nodes_pkey PRIMARY KEY (snapshot_id, asset, level, position)
);
