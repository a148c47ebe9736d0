-- Whose money is where: double-entry accounts, the transfers between them, and what is set aside for orders and
-- withdrawals. Amounts are in units of the asset, exact to 18 decimals.

-- Tables partitioned by a range over their UUIDv7 key, which is a range over time.
CREATE SCHEMA partitions;

-- The smallest UUIDv7 of a millisecond.
CREATE FUNCTION partitions.first_id_at(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;

-- Makes the partition `prefix`YYYYMMDD (of from_time, UTC) of `parent`, in its schema, when it is missing. Triggers on
-- TRUNCATE are not inherited, so they are copied.
CREATE FUNCTION partitions.make(parent regclass, prefix text, from_time timestamptz, to_time timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    home  text := (SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                    WHERE pg_class.oid = parent);
    part  text := prefix || to_char(from_time AT TIME ZONE 'UTC', 'YYYYMMDD');
    guard record;
BEGIN
    IF to_regclass(format('%I.%I', home, part)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I.%I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)', home, part, parent,
                       partitions.first_id_at(from_time), partitions.first_id_at(to_time));
        -- 32: the bit of tgtype that says TRUNCATE.
        FOR guard IN SELECT tgname, tgfoid::regproc AS action
                       FROM pg_trigger WHERE tgrelid = parent AND tgtype & 32 <> 0
        LOOP
            EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I.%I FOR EACH STATEMENT EXECUTE FUNCTION %s()',
                           guard.tgname, home, part, guard.action);
        END LOOP;
    END IF;
END $$;

-- Makes `ahead` + 1 partitions of one `step` (month, day) each, the first being the one that `at` lies in.
CREATE FUNCTION partitions.make_ahead(parent regclass, prefix text, step text, at timestamptz, ahead integer)
RETURNS void LANGUAGE sql AS $$
    SELECT partitions.make(parent, prefix, starts.here AT TIME ZONE 'UTC', starts.next AT TIME ZONE 'UTC')
      FROM (SELECT date_trunc(step, at AT TIME ZONE 'UTC') + number * ('1 ' || step)::interval AS here,
                   date_trunc(step, at AT TIME ZONE 'UTC') + (number + 1) * ('1 ' || step)::interval AS next
              FROM generate_series(0, ahead) AS number) AS starts
$$;

CREATE SCHEMA ledger;

CREATE TABLE ledger.assets (
    asset text    CONSTRAINT assets_pkey PRIMARY KEY,
    -- The decimals that count; one atom is the last of them.
    scale integer NOT NULL,
    name  text    NOT NULL,
    CONSTRAINT asset_named_plainly CHECK (asset ~ '^[A-Z0-9]{2,10}$'),
    CONSTRAINT asset_scale_possible CHECK (scale BETWEEN 0 AND 18)
);

CREATE TYPE ledger.account_kind AS ENUM (
    'available', 'reserved', 'fees', 'clearing', 'suspense', 'treasury_hot', 'treasury_cold', 'rounding'
);

-- Balances change all day in place (HOT): no index may hold `balance`, and pages keep room for the new version.
CREATE TABLE ledger.accounts (
    account_id bigint              GENERATED ALWAYS AS IDENTITY CONSTRAINT accounts_pkey PRIMARY KEY,
    -- Null: the house's.
    owner_id   uuid,
    asset      text                NOT NULL CONSTRAINT account_asset_fkey REFERENCES ledger.assets,
    kind       ledger.account_kind NOT NULL,
    -- Which outside world a clearing account stands for ('dev', a chain, a bank); else empty.
    rail       text                NOT NULL DEFAULT '',
    balance    numeric(38, 18)     NOT NULL DEFAULT 0,
    CONSTRAINT account_once UNIQUE NULLS NOT DISTINCT (owner_id, asset, kind, rail),
    CONSTRAINT account_rail_by_kind CHECK (rail = '' OR kind IN ('clearing', 'treasury_hot', 'treasury_cold')),
    CONSTRAINT account_owner_by_kind CHECK ((owner_id IS NOT NULL) = (kind IN ('available', 'reserved'))),
    CONSTRAINT available_not_negative CHECK (kind <> 'available' OR balance >= 0),
    CONSTRAINT reserved_not_negative CHECK (kind <> 'reserved' OR balance >= 0),
    CONSTRAINT fees_not_negative CHECK (kind <> 'fees' OR balance >= 0)
) WITH (fillfactor = 70);

CREATE TYPE ledger.transfer_kind AS ENUM (
    'RESERVE', 'RELEASE', 'TRADE_BUY', 'TRADE_SELL', 'FEE', 'DEPOSIT', 'WITHDRAWAL', 'ADJUSTMENT', 'BUST'
);

-- No foreign keys to accounts: each would lock and mark two hot account rows for every transfer. ledger.post() is the
-- only writer and takes ids from locked account rows; the reconciliation checks it.
CREATE TABLE ledger.transfers (
    transfer_id          uuid                 NOT NULL,
    -- What the linked transfers are about: a trade, reservation, deposit or withdrawal.
    journal_id           uuid                 NOT NULL,
    kind                 ledger.transfer_kind NOT NULL,
    debit_account_id     bigint               NOT NULL,
    credit_account_id    bigint               NOT NULL,
    asset                text                 NOT NULL,
    amount               numeric(38, 18)      NOT NULL,
    debit_balance_after  numeric(38, 18)      NOT NULL,
    credit_balance_after numeric(38, 18)      NOT NULL,
    reason               text                 NOT NULL,
    created_at           timestamptz          NOT NULL,
    CONSTRAINT transfers_pkey PRIMARY KEY (transfer_id),
    CONSTRAINT transfer_amount_positive CHECK (amount > 0),
    CONSTRAINT transfer_between_two CHECK (debit_account_id <> credit_account_id)
) PARTITION BY RANGE (transfer_id);
CREATE INDEX transfers_debit ON ledger.transfers (debit_account_id, transfer_id);
CREATE INDEX transfers_credit ON ledger.transfers (credit_account_id, transfer_id);
CREATE TABLE ledger.transfers_default PARTITION OF ledger.transfers DEFAULT;

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'transfers are append-only: correct with a new transfer' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER transfers_append_only BEFORE UPDATE OR DELETE ON ledger.transfers
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER transfers_no_truncate BEFORE TRUNCATE ON ledger.transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER transfers_no_truncate BEFORE TRUNCATE ON ledger.transfers_default
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
-- A year ahead; a schedule adds months later.
SELECT partitions.make_ahead('ledger.transfers', 'transfers_', 'month', now(), 12);

-- Funds set aside under the id of the order or withdrawal they are for. Every settlement or release draws on
-- `remaining`.
CREATE TABLE ledger.reservations (
    reservation_id uuid            NOT NULL,
    kind           text            NOT NULL,
    user_id        uuid            NOT NULL,
    asset          text            NOT NULL,
    amount         numeric(38, 18) NOT NULL,
    remaining      numeric(38, 18) NOT NULL,
    -- placed while something remains; then what the last draw was, or merged into another.
    state          text            NOT NULL DEFAULT 'placed',
    reason         text            NOT NULL,
    created_at     timestamptz     NOT NULL,
    CONSTRAINT reservations_pkey PRIMARY KEY (reservation_id),
    CONSTRAINT reservation_kind_known CHECK (kind IN ('order', 'amend', 'withdrawal', 'external')),
    CONSTRAINT reservation_state_known CHECK (state IN ('placed', 'settled', 'released', 'expired', 'merged')),
    CONSTRAINT reservation_amount_positive CHECK (amount > 0),
    CONSTRAINT reservation_not_overdrawn CHECK (remaining >= 0),
    -- Below zero is reservation_not_overdrawn's to refuse, whichever is checked first.
    CONSTRAINT reservation_ends_empty CHECK (remaining < 0 OR (remaining = 0) = (state <> 'placed'))
) WITH (fillfactor = 70);
-- Immutable columns only, so that drawing stays HOT.
CREATE INDEX reservations_external ON ledger.reservations (user_id, asset, reservation_id) WHERE kind = 'external';

-- What services asked under an id of theirs, and the answer: repeated for the same content, refused for any other. A
-- refusal is forgotten after 24 hours, an answer never.
CREATE TABLE ledger.requests (
    operation    text        NOT NULL,
    key          uuid        NOT NULL,
    content_hash text        NOT NULL,
    answer       jsonb,
    refusal      text,
    created_at   timestamptz NOT NULL,
    CONSTRAINT requests_pkey PRIMARY KEY (operation, key),
    CONSTRAINT request_operation_known CHECK (operation IN ('reserve', 'release', 'settle_trade'))
);

-- How far the trades of a market are posted: trade_seq up to settled_seq, but for the parked ones.
CREATE TABLE ledger.settlement_progress (
    symbol      text        CONSTRAINT settlement_progress_pkey PRIMARY KEY,
    settled_seq bigint      NOT NULL DEFAULT 0,
    updated_at  timestamptz NOT NULL
);

CREATE TABLE ledger.parked_trades (
    trade_id  uuid        CONSTRAINT parked_trades_pkey PRIMARY KEY,
    symbol    text        NOT NULL,
    trade_seq bigint      NOT NULL,
    reason    text        NOT NULL,
    state     text        NOT NULL DEFAULT 'parked',
    parked_at timestamptz NOT NULL,
    ended_at  timestamptz,
    CONSTRAINT parked_trade_once UNIQUE (symbol, trade_seq),
    CONSTRAINT parked_trade_state_known CHECK (state IN ('parked', 'settled', 'busted')),
    CONSTRAINT parked_trade_ended CHECK ((state = 'parked') = (ended_at IS NULL))
);

-- The id of the nth transfer that belongs to `id`: its last hex digit is n.
CREATE FUNCTION ledger.leg_id(id uuid, leg integer) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT overlay(id::text PLACING to_hex(leg) FROM 36)::uuid
$$;

-- The available and the reserved account of each (user, asset); parallel arrays. Existing ones are left alone.
CREATE FUNCTION ledger.ensure_accounts(user_ids uuid[], assets text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger.accounts (owner_id, asset, kind)
    SELECT DISTINCT wanted.user_id, wanted.asset, kinds.kind
      FROM unnest(user_ids, assets) AS wanted (user_id, asset)
     CROSS JOIN unnest('{available,reserved}'::ledger.account_kind[]) AS kinds (kind)
     WHERE NOT EXISTS (SELECT FROM ledger.accounts
                        WHERE owner_id = wanted.user_id AND accounts.asset = wanted.asset
                          AND accounts.kind = kinds.kind AND rail = '')
     ORDER BY wanted.user_id, wanted.asset, kinds.kind
        ON CONFLICT DO NOTHING
$$;

-- The house's account of a kind for each asset.
CREATE FUNCTION ledger.ensure_house_accounts(house_kind ledger.account_kind, assets text[], rail_name text)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger.accounts (asset, kind, rail)
    SELECT DISTINCT wanted.asset, house_kind, rail_name
      FROM unnest(assets) AS wanted (asset)
     WHERE NOT EXISTS (SELECT FROM ledger.accounts
                        WHERE owner_id IS NULL AND accounts.asset = wanted.asset
                          AND kind = house_kind AND rail = rail_name)
     ORDER BY wanted.asset
        ON CONFLICT DO NOTHING
$$;

-- The functions below run all day on tables that grow: their plans are kept a session long. Those made while a table is
-- still small would read it through for ever (enable_seqscan), and those made anew for the arrays of each call would
-- take longer than running them (plan_cache_mode).

-- Posts transfers in their order (parallel arrays), all or none: the only way a balance changes. Updates each account
-- once; the caller has locked them, by id. An account pair that does not share one asset breaks transfer_of_one_asset.
CREATE FUNCTION ledger.post_locked(
    transfer_ids uuid[], journal_ids uuid[], kinds ledger.transfer_kind[], debit_ids bigint[], credit_ids bigint[],
    amounts numeric[], reasons text[], at timestamptz
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    posted integer;
BEGIN
    WITH entries AS (
        SELECT position, false AS is_credit, account_id, -amount AS change
          FROM unnest(debit_ids, amounts) WITH ORDINALITY AS leg (account_id, amount, position)
         UNION ALL
        SELECT position, true, account_id, amount
          FROM unnest(credit_ids, amounts) WITH ORDINALITY AS leg (account_id, amount, position)
    ), moved AS (
        UPDATE ledger.accounts
           SET balance = accounts.balance + total.change
          FROM (SELECT account_id, sum(change) AS change FROM entries GROUP BY account_id) AS total
         WHERE accounts.account_id = total.account_id
        RETURNING accounts.account_id, accounts.asset, accounts.balance - total.change AS balance_before
    ), sides AS (
        SELECT position, is_credit, asset,
               balance_before + sum(change) OVER (PARTITION BY account_id ORDER BY position) AS balance_after
          FROM entries
          JOIN moved USING (account_id)
    ), balanced AS (
        SELECT position, min(asset) AS asset, max(balance_after) FILTER (WHERE NOT is_credit) AS debit_after,
               max(balance_after) FILTER (WHERE is_credit) AS credit_after
          FROM sides
         GROUP BY position
        HAVING count(*) = 2 AND min(asset) = max(asset)
    )
    INSERT INTO ledger.transfers (transfer_id, journal_id, kind, debit_account_id, credit_account_id, asset, amount,
                                  debit_balance_after, credit_balance_after, reason, created_at)
    SELECT leg.transfer_id, leg.journal_id, leg.kind, leg.debit_id, leg.credit_id, balanced.asset, leg.amount,
           balanced.debit_after, balanced.credit_after, leg.reason, at
      FROM unnest(transfer_ids, journal_ids, kinds, debit_ids, credit_ids, amounts, reasons) WITH ORDINALITY
           AS leg (transfer_id, journal_id, kind, debit_id, credit_id, amount, reason, position)
      JOIN balanced USING (position);
    GET DIAGNOSTICS posted = ROW_COUNT;
    IF posted <> cardinality(transfer_ids) THEN
        RAISE check_violation USING CONSTRAINT = 'transfer_of_one_asset', MESSAGE = 'a transfer has one asset';
    END IF;
END $$;

-- Locks accounts, by id.
CREATE FUNCTION ledger.lock_accounts(ids bigint[]) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM FROM ledger.accounts WHERE account_id = ANY (ids) ORDER BY account_id FOR NO KEY UPDATE;
END $$;

-- ledger.post_locked() with the locks.
CREATE FUNCTION ledger.post(
    transfer_ids uuid[], journal_ids uuid[], kinds ledger.transfer_kind[], debit_ids bigint[], credit_ids bigint[],
    amounts numeric[], reasons text[], at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger.lock_accounts(debit_ids || credit_ids);
    PERFORM ledger.post_locked(transfer_ids, journal_ids, kinds, debit_ids, credit_ids, amounts, reasons, at);
END $$;

-- Sets funds aside for new ids (parallel arrays) and answers which got theirs. Greedy in the order given: one without
-- funds takes nothing and never fails its neighbours. The transfer's id is the reservation's with leg 1. A known id
-- breaks reservations_pkey: callers make ids unique first.
CREATE FUNCTION ledger.reserve(
    ids uuid[], kind text, user_ids uuid[], assets text[], amounts numeric[], reasons text[], at timestamptz
) RETURNS boolean[] LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    granted     boolean[] := array_fill(false, ARRAY[cardinality(ids)]);
    entry       record;
    account     bigint;
    left_over   numeric;
    new_ids     uuid[]    := '{}';
    new_legs    uuid[]    := '{}';
    debit_ids   bigint[]  := '{}';
    credit_ids  bigint[]  := '{}';
    new_amounts numeric[] := '{}';
    new_reasons text[]    := '{}';
BEGIN
    PERFORM FROM ledger.accounts
      WHERE (owner_id, asset) IN (SELECT * FROM unnest(user_ids, assets))
        AND accounts.kind IN ('available', 'reserved')
      ORDER BY account_id
        FOR NO KEY UPDATE;

    FOR entry IN
        SELECT wanted.position, wanted.amount, available.account_id AS available_id, available.balance,
               reserved.account_id AS reserved_id
          FROM unnest(user_ids, assets, amounts) WITH ORDINALITY AS wanted (user_id, asset, amount, position)
          JOIN ledger.accounts AS available
            ON available.owner_id = wanted.user_id AND available.asset = wanted.asset AND available.kind = 'available'
          JOIN ledger.accounts AS reserved
            ON reserved.owner_id = wanted.user_id AND reserved.asset = wanted.asset AND reserved.kind = 'reserved'
         ORDER BY available.account_id, wanted.position
    LOOP
        IF account IS DISTINCT FROM entry.available_id THEN
            account := entry.available_id;
            left_over := entry.balance;
        END IF;
        CONTINUE WHEN entry.amount > left_over;
        left_over := left_over - entry.amount;
        granted[entry.position] := true;
        new_ids := new_ids || ids[entry.position];
        new_legs := new_legs || ledger.leg_id(ids[entry.position], 1);
        debit_ids := debit_ids || entry.available_id;
        credit_ids := credit_ids || entry.reserved_id;
        new_amounts := new_amounts || entry.amount;
        new_reasons := new_reasons || reasons[entry.position];
    END LOOP;

    INSERT INTO ledger.reservations (reservation_id, kind, user_id, asset, amount, remaining, reason, created_at)
    SELECT wanted.id, reserve.kind, wanted.user_id, wanted.asset, wanted.amount, wanted.amount, wanted.reason, at
      FROM unnest(ids, user_ids, assets, amounts, reasons, granted)
           AS wanted (id, user_id, asset, amount, reason, granted)
     WHERE wanted.granted;
    IF cardinality(new_ids) > 0 THEN
        PERFORM ledger.post_locked(new_legs, new_ids,
                                   array_fill('RESERVE'::ledger.transfer_kind, ARRAY[cardinality(new_ids)]),
                                   debit_ids, credit_ids, new_amounts, new_reasons, at);
    END IF;
    RETURN granted;
END $$;

-- Draws on reservations (parallel arrays; one may come several times); what is then empty gets the final state. Locks
-- them by id. Too much breaks reservation_not_overdrawn; a reservation that is missing, another user's or of another
-- asset breaks reservation_matches.
CREATE FUNCTION ledger.draw(
    reservation_ids uuid[], user_ids uuid[], assets text[], amounts numeric[], final_states text[]
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    wanted integer;
    drawn  integer;
BEGIN
    PERFORM FROM ledger.reservations
      WHERE reservation_id = ANY (reservation_ids)
      ORDER BY reservation_id
        FOR NO KEY UPDATE;

    WITH draws AS (
        SELECT id, user_id, asset, sum(amount) AS amount, max(final_state) AS final_state
          FROM unnest(reservation_ids, user_ids, assets, amounts, final_states)
               AS draw (id, user_id, asset, amount, final_state)
         GROUP BY id, user_id, asset
    ), changed AS (
        UPDATE ledger.reservations
           SET remaining = reservations.remaining - draws.amount,
               state = CASE WHEN reservations.remaining = draws.amount THEN draws.final_state ELSE state END
          FROM draws
         WHERE reservations.reservation_id = draws.id
           AND reservations.user_id = draws.user_id
           AND reservations.asset = draws.asset
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM draws), (SELECT count(*) FROM changed) INTO wanted, drawn;

    IF drawn <> wanted THEN
        RAISE check_violation USING CONSTRAINT = 'reservation_matches', MESSAGE = 'no such reservation of that user';
    END IF;
END $$;

-- Gives reserved funds back (parallel arrays; transfer ids are the caller's). Reasons of time make an emptied
-- reservation expired, all others released. `kind` is BUST for what a trade that was taken back had been promised.
-- Errors as ledger.draw().
CREATE FUNCTION ledger.release(
    transfer_ids uuid[], reservation_ids uuid[], amounts numeric[], reasons text[], at timestamptz,
    kind ledger.transfer_kind DEFAULT 'RELEASE'
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    user_ids     uuid[];
    assets       text[];
    final_states text[];
    debit_ids    bigint[];
    credit_ids   bigint[];
BEGIN
    IF cardinality(transfer_ids) = 0 THEN
        RETURN;
    END IF;
    -- Owner and asset never change, so they may be read before the lock.
    SELECT array_agg(reservations.user_id ORDER BY position), array_agg(reservations.asset ORDER BY position),
           array_agg(CASE WHEN leg.reason IN ('EXPIRED', 'DAY_END', 'TOO_LATE') THEN 'expired' ELSE 'released' END
                     ORDER BY position),
           array_agg(reserved.account_id ORDER BY position), array_agg(available.account_id ORDER BY position)
      INTO user_ids, assets, final_states, debit_ids, credit_ids
      FROM unnest(reservation_ids, reasons) WITH ORDINALITY AS leg (reservation_id, reason, position)
      LEFT JOIN ledger.reservations USING (reservation_id)
      LEFT JOIN ledger.accounts AS reserved
        ON reserved.owner_id = user_id AND reserved.asset = reservations.asset AND reserved.kind = 'reserved'
      LEFT JOIN ledger.accounts AS available
        ON available.owner_id = user_id AND available.asset = reservations.asset AND available.kind = 'available';
    PERFORM ledger.draw(reservation_ids, user_ids, assets, amounts, final_states);
    PERFORM ledger.post(transfer_ids, reservation_ids,
                        array_fill(kind, ARRAY[cardinality(transfer_ids)]),
                        debit_ids, credit_ids, amounts, reasons, at);
END $$;

-- Gives all that the reservations `from_ids` hold to those of the same user and asset, `into_ids` (parallel arrays; one
-- may come several times), which hold something. Locks all of them and those of `more_ids`, which the caller draws on
-- next, by id. One that is missing, empty or does not match breaks reservation_matches.
CREATE FUNCTION ledger.merge(from_ids uuid[], into_ids uuid[], more_ids uuid[]) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    merged integer;
BEGIN
    PERFORM FROM ledger.reservations
      WHERE reservation_id = ANY (from_ids || into_ids || more_ids)
      ORDER BY reservation_id
        FOR NO KEY UPDATE;

    WITH pairs AS (
        SELECT source.reservation_id AS from_id, target.reservation_id AS into_id, source.remaining AS amount
          FROM unnest(from_ids, into_ids) AS pair (from_id, into_id)
          JOIN ledger.reservations AS source ON source.reservation_id = pair.from_id
          JOIN ledger.reservations AS target ON target.reservation_id = pair.into_id
         WHERE source.state = 'placed' AND target.state = 'placed'
           AND source.user_id = target.user_id AND source.asset = target.asset
    ), emptied AS (
        UPDATE ledger.reservations
           SET remaining = 0, state = 'merged'
          FROM pairs
         WHERE reservation_id = pairs.from_id
    ), filled AS (
        UPDATE ledger.reservations
           SET amount = reservations.amount + total.amount, remaining = reservations.remaining + total.amount
          FROM (SELECT into_id, sum(amount) AS amount FROM pairs GROUP BY into_id) AS total
         WHERE reservation_id = total.into_id
    )
    SELECT count(*) FROM pairs INTO merged;

    IF merged <> cardinality(from_ids) THEN
        RAISE check_violation USING CONSTRAINT = 'reservation_matches', MESSAGE = 'no such reservations of one user';
    END IF;
END $$;

-- Posts trades in their order (parallel arrays), all or none, and draws what they take from the parties' reservations;
-- a null reservation was drawn by the caller. Legs, by the last digit of the transfer's id: 1 base to the buyer,
-- 2 quote to the seller, 3 the buyer's fee, 4 the seller's fee, 5 what the buyer had reserved too much. What is zero
-- has no transfer. Answers for how many milliseconds the accounts were locked, at its end.
CREATE FUNCTION ledger.post_trades(
    trade_ids uuid[], base_asset text, quote_asset text, buyer_ids uuid[], seller_ids uuid[], buyer_reservations uuid[],
    seller_reservations uuid[], base_amounts numeric[], quote_amounts numeric[], buyer_fees numeric[],
    seller_fees numeric[], buyer_releases numeric[], at timestamptz
) RETURNS double precision LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    locked_at    timestamptz;
    fees_base    bigint;
    fees_quote   bigint;
    transfer_ids uuid[];
    journal_ids  uuid[];
    kinds        ledger.transfer_kind[];
    debit_ids    bigint[];
    credit_ids   bigint[];
    amounts      numeric[];
    reasons      text[];
    draw_ids     uuid[];
    draw_users   uuid[];
    draw_assets  text[];
    draw_amounts numeric[];
BEGIN
    IF cardinality(trade_ids) = 0 THEN
        RETURN 0;
    END IF;
    SELECT array_agg(draw.id), array_agg(draw.user_id), array_agg(draw.asset), array_agg(draw.amount)
      INTO draw_ids, draw_users, draw_assets, draw_amounts
      FROM (SELECT id, user_id, quote_asset, amount + release
              FROM unnest(buyer_reservations, buyer_ids, quote_amounts, buyer_releases)
                   AS buy (id, user_id, amount, release)
             UNION ALL
            SELECT id, user_id, base_asset, amount
              FROM unnest(seller_reservations, seller_ids, base_amounts) AS sell (id, user_id, amount)
           ) AS draw (id, user_id, asset, amount)
     WHERE draw.id IS NOT NULL;
    IF draw_ids IS NOT NULL THEN
        PERFORM ledger.draw(draw_ids, draw_users, draw_assets, draw_amounts,
                            array_fill('settled'::text, ARRAY[cardinality(draw_ids)]));
    END IF;

    -- Accounts that are missing, which is rare, are made and looked up again.
    FOR attempt IN 1..2 LOOP
        fees_base := (SELECT account_id FROM ledger.accounts
                       WHERE owner_id IS NULL AND asset = base_asset AND kind = 'fees' AND rail = '');
        fees_quote := (SELECT account_id FROM ledger.accounts
                        WHERE owner_id IS NULL AND asset = quote_asset AND kind = 'fees' AND rail = '');
        SELECT array_agg(ledger.leg_id(trade.id, leg.number) ORDER BY position, leg.number),
               array_agg(trade.id ORDER BY position, leg.number),
               array_agg(leg.kind ORDER BY position, leg.number),
               array_agg(leg.debit_id ORDER BY position, leg.number),
               array_agg(leg.credit_id ORDER BY position, leg.number),
               array_agg(leg.amount ORDER BY position, leg.number),
               array_agg(leg.reason ORDER BY position, leg.number)
          INTO transfer_ids, journal_ids, kinds, debit_ids, credit_ids, amounts, reasons
          FROM unnest(trade_ids, buyer_ids, seller_ids, base_amounts, quote_amounts, buyer_fees, seller_fees,
                      buyer_releases)
               WITH ORDINALITY AS trade (id, buyer, seller, base, quote, buyer_fee, seller_fee, buyer_release, position)
          LEFT JOIN ledger.accounts AS bought
            ON bought.owner_id = buyer AND bought.asset = base_asset AND bought.kind = 'available' AND bought.rail = ''
          LEFT JOIN ledger.accounts AS paid
            ON paid.owner_id = buyer AND paid.asset = quote_asset AND paid.kind = 'reserved' AND paid.rail = ''
          LEFT JOIN ledger.accounts AS change
            ON change.owner_id = buyer AND change.asset = quote_asset AND change.kind = 'available' AND change.rail = ''
          LEFT JOIN ledger.accounts AS sold
            ON sold.owner_id = seller AND sold.asset = base_asset AND sold.kind = 'reserved' AND sold.rail = ''
          LEFT JOIN ledger.accounts AS earned
            ON earned.owner_id = seller AND earned.asset = quote_asset AND earned.kind = 'available'
           AND earned.rail = ''
         CROSS JOIN LATERAL (VALUES
               (1, 'TRADE_BUY'::ledger.transfer_kind, sold.account_id, bought.account_id, base, 'TRADE'),
               (2, 'TRADE_SELL', paid.account_id, earned.account_id, quote, 'TRADE'),
               (3, 'FEE', bought.account_id, fees_base, buyer_fee, 'TRADE_FEE'),
               (4, 'FEE', earned.account_id, fees_quote, seller_fee, 'TRADE_FEE'),
               (5, 'RELEASE', paid.account_id, change.account_id, buyer_release, 'PRICE_IMPROVEMENT')
               ) AS leg (number, kind, debit_id, credit_id, amount, reason)
         WHERE leg.amount <> 0;
        EXIT WHEN array_position(debit_ids || credit_ids, NULL) IS NULL;
        PERFORM ledger.ensure_accounts(
            buyer_ids || seller_ids || buyer_ids || seller_ids,
            array_fill(base_asset, ARRAY[2 * cardinality(trade_ids)])
            || array_fill(quote_asset, ARRAY[2 * cardinality(trade_ids)]));
        PERFORM ledger.ensure_house_accounts('fees', ARRAY[base_asset, quote_asset], '');
    END LOOP;
    PERFORM ledger.lock_accounts(debit_ids || credit_ids);
    locked_at := clock_timestamp();
    PERFORM ledger.post_locked(transfer_ids, journal_ids, kinds, debit_ids, credit_ids, amounts, reasons, at);
    RETURN extract(epoch FROM clock_timestamp() - locked_at) * 1000;
END $$;

-- Credits a deposit from outside (the rail's clearing account). The transfer's id is the deposit's with leg 1, so a
-- second credit breaks transfers_pkey.
CREATE FUNCTION ledger.credit_deposit(
    deposit_id uuid, user_id uuid, asset_name text, amount numeric, rail_name text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger.ensure_accounts(ARRAY[user_id], ARRAY[asset_name]);
    PERFORM ledger.ensure_house_accounts('clearing', ARRAY[asset_name], rail_name);
    PERFORM ledger.post(ARRAY[ledger.leg_id(deposit_id, 1)], ARRAY[deposit_id],
                        ARRAY['DEPOSIT'::ledger.transfer_kind], ARRAY[clearing.account_id],
                        ARRAY[available.account_id], ARRAY[amount], ARRAY['DEPOSIT'], at)
       FROM ledger.accounts AS clearing, ledger.accounts AS available
      WHERE clearing.owner_id IS NULL AND clearing.asset = asset_name AND clearing.kind = 'clearing'
        AND clearing.rail = rail_name
        AND available.owner_id = user_id AND available.asset = asset_name AND available.kind = 'available';
END $$;

-- Pays a withdrawal out of its whole reservation: the amount to outside (the rail's clearing account, leg 2), the rest
-- as the fee (leg 3). A second time breaks reservation_not_overdrawn.
CREATE FUNCTION ledger.settle_withdrawal(withdrawal_id uuid, amount numeric, rail_name text, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    held        ledger.reservations;
    reserved_id bigint;
    clearing_id bigint;
    fees_id     bigint;
BEGIN
    SELECT * INTO held FROM ledger.reservations
     WHERE reservation_id = withdrawal_id AND kind = 'withdrawal'
       FOR NO KEY UPDATE;
    PERFORM ledger.draw(ARRAY[withdrawal_id], ARRAY[held.user_id], ARRAY[held.asset], ARRAY[held.amount],
                        ARRAY['settled']);
    PERFORM ledger.ensure_house_accounts('clearing', ARRAY[held.asset], rail_name);
    PERFORM ledger.ensure_house_accounts('fees', ARRAY[held.asset], '');
    reserved_id := (SELECT account_id FROM ledger.accounts
                     WHERE owner_id = held.user_id AND asset = held.asset AND kind = 'reserved');
    clearing_id := (SELECT account_id FROM ledger.accounts
                     WHERE owner_id IS NULL AND asset = held.asset AND kind = 'clearing' AND rail = rail_name);
    fees_id := (SELECT account_id FROM ledger.accounts
                 WHERE owner_id IS NULL AND asset = held.asset AND kind = 'fees' AND rail = '');
    PERFORM ledger.post(ARRAY[ledger.leg_id(withdrawal_id, 2)], ARRAY[withdrawal_id],
                        ARRAY['WITHDRAWAL'::ledger.transfer_kind], ARRAY[reserved_id], ARRAY[clearing_id],
                        ARRAY[amount], ARRAY['WITHDRAWAL'], at);
    PERFORM ledger.post(ARRAY[ledger.leg_id(withdrawal_id, 3)], ARRAY[withdrawal_id],
                        ARRAY['FEE'::ledger.transfer_kind], ARRAY[reserved_id], ARRAY[fees_id],
                        ARRAY[held.amount - amount], ARRAY['WITHDRAWAL_FEE'], at)
      WHERE held.amount > amount;
END $$;
