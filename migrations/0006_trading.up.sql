-- Markets, orders and trades, the commands that change orders, and what each market's matcher has committed. Amounts
-- are in units of the asset, exact to 18 decimals.
CREATE SCHEMA trading;

CREATE TYPE trading.order_side_enum AS ENUM ('BUY', 'SELL');
CREATE TYPE trading.order_type_enum AS ENUM ('LIMIT', 'MARKET', 'STOP', 'STOP_LIMIT');
CREATE TYPE trading.order_status_enum AS ENUM (
    'PENDING', 'OPEN', 'PARTIALLY_FILLED', 'FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED'
);
CREATE TYPE trading.time_in_force_enum AS ENUM ('GTC', 'IOC', 'FOK', 'DAY');

CREATE TABLE trading.markets (
    symbol             text            CONSTRAINT markets_pkey PRIMARY KEY,
    base               text            NOT NULL CONSTRAINT market_base_fkey REFERENCES ledger.assets,
    quote              text            NOT NULL CONSTRAINT market_quote_fkey REFERENCES ledger.assets,
    tick_size          numeric(38, 18) NOT NULL,
    lot_size           numeric(38, 18) NOT NULL,
    min_price          numeric(38, 18) NOT NULL,
    max_price          numeric(38, 18) NOT NULL,
    min_quantity       numeric(38, 18) NOT NULL,
    max_quantity       numeric(38, 18) NOT NULL,
    min_notional       numeric(38, 18) NOT NULL,
    -- Percent of the reference price: how far market orders may go, and how far from it limit orders may be priced.
    collar_percent     numeric(6, 2)   NOT NULL,
    price_band_percent numeric(6, 2)   NOT NULL,
    maker_fee_bps      integer         NOT NULL,
    taker_fee_bps      integer         NOT NULL,
    -- The reference price until the first trade.
    initial_price      numeric(38, 18) NOT NULL,
    status             text            NOT NULL,
    version            bigint          NOT NULL DEFAULT 1,
    created_at         timestamptz     NOT NULL,
    updated_at         timestamptz     NOT NULL,
    CONSTRAINT market_symbol_of_assets CHECK (symbol = base || '/' || quote AND base <> quote),
    CONSTRAINT market_steps_positive CHECK (tick_size > 0 AND lot_size > 0),
    CONSTRAINT market_prices_in_ticks CHECK (
        min_price >= tick_size AND max_price >= min_price
        AND min_price % tick_size = 0 AND max_price % tick_size = 0 AND initial_price % tick_size = 0
    ),
    CONSTRAINT market_initial_price_in_limits CHECK (initial_price BETWEEN min_price AND max_price),
    CONSTRAINT market_quantities_in_lots CHECK (
        min_quantity >= lot_size AND max_quantity >= min_quantity
        AND min_quantity % lot_size = 0 AND max_quantity % lot_size = 0
    ),
    -- Every amount of one order, counted in ticks x lots, is exact in a double.
    CONSTRAINT market_fits_engine CHECK ((max_price / tick_size) * (max_quantity / lot_size) < 2::numeric ^ 53),
    CONSTRAINT market_min_notional_not_negative CHECK (min_notional >= 0),
    CONSTRAINT market_percents_possible CHECK (
        collar_percent > 0 AND collar_percent < 100 AND price_band_percent >= collar_percent
        AND price_band_percent < 100
    ),
    CONSTRAINT market_fees_possible CHECK (maker_fee_bps BETWEEN 0 AND 1000 AND taker_fee_bps BETWEEN 0 AND 1000),
    CONSTRAINT market_status_known CHECK (status IN ('ACTIVE', 'CANCEL_ONLY', 'HALTED', 'POST_ONLY', 'DELISTED'))
);

-- The versions of each market's rules before the present one: its matcher may still work by one of them.
CREATE TABLE trading.past_markets (
    LIKE trading.markets,
    CONSTRAINT past_markets_pkey PRIMARY KEY (symbol, version)
);
CREATE VIEW trading.market_versions AS
SELECT * FROM trading.markets UNION ALL SELECT * FROM trading.past_markets;

-- What the matcher has committed of a market. Every commit of a batch and every take-over of the lease updates this one
-- row, so whoever lost the lease can commit nothing any more.
CREATE TABLE trading.market_state (
    symbol         text            CONSTRAINT market_state_pkey PRIMARY KEY
                                   CONSTRAINT market_state_market_fkey REFERENCES trading.markets,
    matcher_id     text,
    epoch          bigint          NOT NULL DEFAULT 0,
    lease_until    timestamptz     NOT NULL DEFAULT '-infinity',
    batch          bigint          NOT NULL DEFAULT 0,
    batch_time     timestamptz     NOT NULL DEFAULT '1970-01-01T00:00:00Z',
    book_seq       bigint          NOT NULL DEFAULT 0,
    trade_seq      bigint          NOT NULL DEFAULT 0,
    -- How many stops have come to wait.
    stop_seq       bigint          NOT NULL DEFAULT 0,
    -- The last entry of the command stream that was taken in.
    last_stream_id text            NOT NULL DEFAULT '0-0',
    -- 16 hex digits; null before the first batch.
    state_hash     text,
    -- The last trade's price.
    last_price     numeric(38, 18),
    -- Of the market's rules, as the matcher last took them in.
    version        bigint          NOT NULL DEFAULT 1
) WITH (fillfactor = 50);

-- Inserted PENDING with its reservation; from then on only the matcher writes it. created_at is the id's millisecond.
-- No foreign key to markets: every order would lock the same row. They are never deleted, and the only writer of orders
-- knows them.
CREATE TABLE trading.orders (
    order_id              uuid                       NOT NULL,
    user_id               uuid                       NOT NULL,
    client_order_id       text,
    symbol                text                       NOT NULL,
    side                  trading.order_side_enum    NOT NULL,
    order_type            trading.order_type_enum    NOT NULL,
    time_in_force         trading.time_in_force_enum NOT NULL,
    -- Null for MARKET and STOP buys by quote_quantity.
    quantity              numeric(38, 18),
    quote_quantity        numeric(38, 18),
    price                 numeric(38, 18),
    stop_price            numeric(38, 18),
    -- What the first three were when it was placed, once an amend has changed them.
    placed_quantity       numeric(38, 18),
    placed_price          numeric(38, 18),
    placed_stop_price     numeric(38, 18),
    post_only             boolean                    NOT NULL,
    self_trade_prevention text                       NOT NULL,
    status                trading.order_status_enum  NOT NULL,
    filled_quantity       numeric(38, 18)            NOT NULL DEFAULT 0,
    -- Quote; the truth that average_price is computed from.
    executed_quote        numeric(38, 18)            NOT NULL DEFAULT 0,
    -- In the asset received: base for a buy, quote for a sell.
    fees                  numeric(38, 18)            NOT NULL DEFAULT 0,
    prevented_quantity    numeric(38, 18)            NOT NULL DEFAULT 0,
    -- Why it was rejected, cancelled or expired.
    reason                text,
    -- The worst price a MARKET or STOP order may trade at.
    protection_price      numeric(38, 18),
    -- What a buy by quantity reserves for each unit.
    reserve_price         numeric(38, 18),
    reserved_amount       numeric(38, 18)            NOT NULL,
    maker_bps             integer                    NOT NULL,
    taker_bps             integer                    NOT NULL,
    -- The book_seq at which it came to rest.
    priority_seq          bigint,
    -- Of a stop: its place among those that came to wait.
    stop_seq              bigint,
    expires_at            timestamptz,
    triggered_at          timestamptz,
    order_list_id         uuid,
    version               bigint                     NOT NULL DEFAULT 1,
    created_at            timestamptz                NOT NULL,
    updated_at            timestamptz                NOT NULL,
    filled_at             timestamptz,
    cancelled_at          timestamptz,
    CONSTRAINT orders_pkey PRIMARY KEY (order_id),
    CONSTRAINT order_quantity_positive CHECK (quantity > 0),
    CONSTRAINT order_quote_quantity_positive CHECK (quote_quantity > 0),
    CONSTRAINT order_quantity_or_quote CHECK (num_nonnulls(quantity, quote_quantity) = 1),
    CONSTRAINT order_quote_buys_only CHECK (
        quote_quantity IS NULL OR (side = 'BUY' AND order_type IN ('MARKET', 'STOP'))
    ),
    CONSTRAINT order_price_by_type CHECK ((price IS NOT NULL) = (order_type IN ('LIMIT', 'STOP_LIMIT'))),
    CONSTRAINT order_price_positive CHECK (price > 0),
    CONSTRAINT order_stop_price_by_type CHECK ((stop_price IS NOT NULL) = (order_type IN ('STOP', 'STOP_LIMIT'))),
    CONSTRAINT order_protected_by_type CHECK ((protection_price IS NOT NULL) = (order_type IN ('MARKET', 'STOP'))),
    CONSTRAINT order_reserve_price_by_side CHECK (
        (reserve_price IS NOT NULL) = (side = 'BUY' AND quote_quantity IS NULL)
    ),
    CONSTRAINT order_market_never_rests CHECK (order_type <> 'MARKET' OR time_in_force IN ('IOC', 'FOK')),
    CONSTRAINT order_stop_fills_at_once CHECK (order_type <> 'STOP' OR time_in_force = 'IOC'),
    CONSTRAINT order_triggered_by_type CHECK (triggered_at IS NULL OR stop_price IS NOT NULL),
    CONSTRAINT order_post_only_rests CHECK (
        NOT post_only OR (order_type IN ('LIMIT', 'STOP_LIMIT') AND time_in_force IN ('GTC', 'DAY'))
    ),
    CONSTRAINT order_expires_by_day CHECK ((expires_at IS NOT NULL) = (time_in_force = 'DAY')),
    CONSTRAINT order_filled_within_quantity CHECK (filled_quantity + prevented_quantity <= quantity),
    CONSTRAINT order_executed_within_budget CHECK (executed_quote <= quote_quantity),
    CONSTRAINT order_executed_not_negative CHECK (
        filled_quantity >= 0 AND executed_quote >= 0 AND fees >= 0 AND prevented_quantity >= 0
    ),
    CONSTRAINT order_reserved_positive CHECK (reserved_amount > 0),
    CONSTRAINT order_self_trade_prevention_known CHECK (
        self_trade_prevention IN ('EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT')
    )
) PARTITION BY RANGE (order_id);
CREATE INDEX orders_by_user ON trading.orders (user_id, symbol, order_id);
CREATE INDEX orders_open ON trading.orders (symbol, priority_seq) WHERE status IN ('OPEN', 'PARTIALLY_FILLED');
CREATE INDEX orders_open_by_user ON trading.orders (user_id, symbol, order_id)
    WHERE status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED');
CREATE INDEX orders_not_final ON trading.orders (status, created_at)
    WHERE status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED');
CREATE TABLE trading.orders_default PARTITION OF trading.orders DEFAULT WITH (fillfactor = 70);

-- The ids under which callers placed orders and, after an @, order lists, for ever. A refusal that lasts is kept here
-- too, and repeated for 24 hours.
-- Ids that begin with # stand for an Idempotency-Key and are new again after 24 hours.
CREATE TABLE trading.client_order_ids (
    user_id         uuid        NOT NULL,
    client_order_id text        NOT NULL,
    order_id        uuid        NOT NULL,
    content_hash    text        NOT NULL,
    refusal         text,
    created_at      timestamptz NOT NULL,
    CONSTRAINT client_order_ids_pkey PRIMARY KEY (user_id, client_order_id)
);

-- Order lists: two orders of which one cancels the other. Both share the reservation of the list's id.
CREATE TABLE trading.order_lists (
    order_list_id        uuid        CONSTRAINT order_lists_pkey PRIMARY KEY,
    user_id              uuid        NOT NULL,
    client_order_list_id text,
    symbol               text        NOT NULL,
    limit_order_id       uuid        NOT NULL,
    stop_order_id        uuid        NOT NULL,
    created_at           timestamptz NOT NULL
);

-- What changes orders other than placing them. Committed before it is sent; the matcher writes the outcome.
CREATE TABLE trading.commands (
    command_id uuid        CONSTRAINT commands_pkey PRIMARY KEY,
    symbol     text        NOT NULL CONSTRAINT command_market_fkey REFERENCES trading.markets,
    kind       text        NOT NULL,
    -- The order it is about; null for those about all orders of the user, or of the market.
    order_id   uuid,
    -- Null for the exchange's own.
    user_id    uuid,
    -- Of an AMEND: the command as it is sent.
    content    text,
    -- Of the rules that a MARKET command brings into force.
    market_version bigint,
    outcome    text,
    outcome_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT command_kind_known CHECK (kind IN ('AMEND', 'CANCEL', 'CANCEL_ALL', 'EXPIRE', 'MARKET')),
    CONSTRAINT command_subject_by_kind CHECK ((order_id IS NOT NULL) = (kind IN ('AMEND', 'CANCEL'))),
    CONSTRAINT command_content_by_kind CHECK ((content IS NOT NULL) = (kind = 'AMEND')),
    CONSTRAINT command_user_by_kind CHECK ((user_id IS NULL) = (kind IN ('EXPIRE', 'MARKET'))),
    CONSTRAINT command_version_by_kind CHECK ((market_version IS NOT NULL) = (kind = 'MARKET')),
    CONSTRAINT command_outcome_at CHECK ((outcome IS NULL) = (outcome_at IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX commands_open ON trading.commands (created_at) WHERE outcome IS NULL;

-- One row a batch: what went in and what came out. Replaying the inputs gives the same events.
CREATE TABLE trading.journal (
    symbol         text        NOT NULL,
    batch          bigint      NOT NULL,
    epoch          bigint      NOT NULL,
    batch_time     timestamptz NOT NULL,
    engine_version integer     NOT NULL,
    inputs         jsonb       NOT NULL,
    events         jsonb       NOT NULL,
    CONSTRAINT journal_pkey PRIMARY KEY (symbol, batch)
);

CREATE TABLE trading.publish_cursor (
    symbol text   CONSTRAINT publish_cursor_pkey PRIMARY KEY,
    -- The last batch of the journal that was published.
    batch  bigint NOT NULL
) WITH (fillfactor = 50);

-- A trade carries everything that settling it posts, and is never updated. executed_at is the id's millisecond.
CREATE TABLE trading.trades (
    trade_id        uuid            NOT NULL,
    symbol          text            NOT NULL,
    -- Gapless from 1 within the symbol: the fence on market_state sees to it.
    trade_seq       bigint          NOT NULL,
    buyer_order_id  uuid            NOT NULL,
    seller_order_id uuid            NOT NULL,
    buyer_user_id   uuid            NOT NULL,
    seller_user_id  uuid            NOT NULL,
    price           numeric(38, 18) NOT NULL,
    quantity        numeric(38, 18) NOT NULL,
    base_amount     numeric(38, 18) NOT NULL,
    quote_amount    numeric(38, 18) NOT NULL,
    -- In base, and in quote.
    buyer_fee       numeric(38, 18) NOT NULL,
    seller_fee      numeric(38, 18) NOT NULL,
    -- Quote that the buyer had reserved for this quantity beyond its price.
    buyer_release   numeric(38, 18) NOT NULL,
    is_buyer_maker  boolean         NOT NULL,
    executed_at     timestamptz     NOT NULL,
    -- The order lists that the two are legs of, whose reservations it draws on; else null.
    buyer_list_id   uuid,
    seller_list_id  uuid,
    CONSTRAINT trades_pkey PRIMARY KEY (trade_id),
    CONSTRAINT trade_buyer_order_fkey FOREIGN KEY (buyer_order_id) REFERENCES trading.orders,
    CONSTRAINT trade_seller_order_fkey FOREIGN KEY (seller_order_id) REFERENCES trading.orders,
    CONSTRAINT trade_between_two CHECK (buyer_user_id <> seller_user_id),
    CONSTRAINT trade_amounts_positive CHECK (price > 0 AND quantity > 0 AND base_amount > 0 AND quote_amount > 0),
    CONSTRAINT trade_fees_within_received CHECK (
        buyer_fee BETWEEN 0 AND base_amount AND seller_fee BETWEEN 0 AND quote_amount
    ),
    CONSTRAINT trade_release_not_negative CHECK (buyer_release >= 0)
) PARTITION BY RANGE (trade_id);
CREATE INDEX trades_by_seq ON trading.trades (symbol, trade_seq);
CREATE INDEX trades_by_symbol ON trading.trades (symbol, executed_at);
CREATE INDEX trades_by_buyer ON trading.trades (buyer_user_id, trade_id);
CREATE INDEX trades_by_seller ON trading.trades (seller_user_id, trade_id);
CREATE TABLE trading.trades_default PARTITION OF trading.trades DEFAULT;

-- What would have traded, had the two orders not been one user's. The mode is the taker's: it says who lost the
-- quantity.
CREATE TABLE trading.prevented_matches (
    prevented_match_id    uuid            NOT NULL,
    symbol                text            NOT NULL,
    maker_order_id        uuid            NOT NULL,
    taker_order_id        uuid            NOT NULL,
    price                 numeric(38, 18) NOT NULL,
    quantity              numeric(38, 18) NOT NULL,
    self_trade_prevention text            NOT NULL,
    prevented_at          timestamptz     NOT NULL,
    CONSTRAINT prevented_matches_pkey PRIMARY KEY (prevented_match_id),
    CONSTRAINT prevented_match_amounts_positive CHECK (price > 0 AND quantity > 0)
) PARTITION BY RANGE (prevented_match_id);
CREATE INDEX prevented_matches_by_maker ON trading.prevented_matches (maker_order_id, prevented_match_id);
CREATE INDEX prevented_matches_by_taker ON trading.prevented_matches (taker_order_id, prevented_match_id);
CREATE TABLE trading.prevented_matches_default PARTITION OF trading.prevented_matches DEFAULT;

-- Makes the partitions of the time `at` and those ahead: three months of orders and of prevented matches, seven days of
-- trades. Storage
-- parameters are not inherited: orders change in place, so their pages keep room.
CREATE FUNCTION trading.make_partitions(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part regclass;
BEGIN
    PERFORM partitions.make_ahead('trading.orders', 'orders_', 'month', at, 3);
    PERFORM partitions.make_ahead('trading.trades', 'trades_', 'day', at, 7);
    PERFORM partitions.make_ahead('trading.prevented_matches', 'prevented_matches_', 'month', at, 3);
    FOR part IN SELECT oid FROM pg_class JOIN pg_inherits ON inhrelid = oid
                 WHERE inhparent = 'trading.orders'::regclass AND reloptions IS NULL
    LOOP
        EXECUTE format('ALTER TABLE %s SET (fillfactor = 70)', part);
    END LOOP;
END $$;
SELECT trading.make_partitions(now());

-- Places orders: parallel arrays with the caller's id or null, the hash of what was asked, and what to reserve; and the
-- rows of trading.orders as JSON. An order list is one entry, by its own id, with two orders and a row of
-- trading.order_lists; `lists` is null when there are none. One row each, in the order given: PLACED; KNOWN, with the
-- first one's id; CONFLICT (another content under that id, or a key that was used for another operation); or the code
-- of a refusal. Refused orders leave no row, and never hinder their neighbours.
-- Locks: client order ids by (user, id), then accounts by id. Of its plans, see ledger.post_locked().
CREATE FUNCTION trading.place_orders(
    order_ids uuid[], user_ids uuid[], caller_ids text[], content_hashes text[], reserve_assets text[],
    reserve_amounts numeric[], reserve_reasons text[], orders json, lists json, at timestamptz
) RETURNS TABLE (order_id uuid, outcome text) LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    outcomes  text[] := array_fill('PLACED'::text, ARRAY[cardinality(order_ids)]);
    first_ids uuid[] := order_ids;
    written   integer;
    -- The orders whose Idempotency-Key was used for another operation.
    misused   uuid[] := '{}';
    -- The orders that are new, in the order given, and which of them got their funds.
    chosen    uuid[] := order_ids;
    granted   boolean[];
BEGIN
    IF EXISTS (SELECT FROM unnest(caller_ids) AS id WHERE id LIKE '#%') THEN
        misused := ARRAY(
            SELECT asked.order_id
              FROM unnest(order_ids, user_ids, caller_ids) AS asked (order_id, user_id, id)
              JOIN api.used_keys(user_ids::text[], ARRAY(SELECT substr(id, 2) FROM unnest(caller_ids) AS id), at)
                   AS used
                ON used.caller = asked.user_id::text AND '#' || used.key = asked.id
        );
    END IF;

    INSERT INTO trading.client_order_ids AS known (user_id, client_order_id, order_id, content_hash, created_at)
    SELECT DISTINCT ON (asked.user_id, asked.id) asked.user_id, asked.id, asked.order_id, asked.hash, at
      FROM unnest(user_ids, caller_ids, order_ids, content_hashes) WITH ORDINALITY
           AS asked (user_id, id, order_id, hash, position)
     WHERE asked.id IS NOT NULL AND asked.order_id <> ALL (misused)
     ORDER BY asked.user_id, asked.id, asked.position
        ON CONFLICT (user_id, client_order_id) DO UPDATE
       SET order_id = excluded.order_id,
           content_hash = excluded.content_hash,
           refusal = NULL,
           created_at = excluded.created_at
     WHERE known.created_at <= at - interval '24 hours'
       AND (known.refusal IS NOT NULL OR known.client_order_id LIKE '#%');
    GET DIAGNOSTICS written = ROW_COUNT;

    IF written < cardinality(array_remove(caller_ids, NULL)) THEN
        -- A statement of its own: it sees what a rival committed while we waited for his row.
        SELECT array_agg(coalesce(known.order_id, asked.order_id) ORDER BY asked.position),
               array_agg(CASE WHEN asked.order_id = ANY (misused) THEN 'CONFLICT'
                              WHEN known.order_id IS NULL OR known.order_id = asked.order_id THEN 'PLACED'
                              WHEN known.content_hash <> asked.hash THEN 'CONFLICT'
                              ELSE coalesce(known.refusal, 'KNOWN') END ORDER BY asked.position)
          INTO first_ids, outcomes
          FROM unnest(user_ids, caller_ids, order_ids, content_hashes) WITH ORDINALITY
               AS asked (user_id, id, order_id, hash, position)
          LEFT JOIN trading.client_order_ids AS known
            ON known.user_id = asked.user_id AND known.client_order_id = asked.id;

        SELECT coalesce(array_agg(new.id ORDER BY position), '{}'), array_agg(new.user_id ORDER BY position),
               array_agg(new.asset ORDER BY position), array_agg(new.amount ORDER BY position),
               array_agg(new.reason ORDER BY position)
          INTO chosen, user_ids, reserve_assets, reserve_amounts, reserve_reasons
          FROM unnest(order_ids, user_ids, reserve_assets, reserve_amounts, reserve_reasons, outcomes) WITH ORDINALITY
               AS new (id, user_id, asset, amount, reason, outcome, position)
         WHERE new.outcome = 'PLACED';
    END IF;

    IF cardinality(chosen) > 0 THEN
        granted := ledger.reserve(chosen, 'order', user_ids, reserve_assets, reserve_amounts, reserve_reasons, at);
        INSERT INTO trading.orders
        SELECT new.*
          FROM json_populate_recordset(NULL::trading.orders, orders) AS new
          JOIN unnest(chosen, granted) AS place (id, granted) ON place.id = coalesce(new.order_list_id, new.order_id)
         WHERE place.granted;
        IF lists IS NOT NULL THEN
            INSERT INTO trading.order_lists
            SELECT new.*
              FROM json_populate_recordset(NULL::trading.order_lists, lists) AS new
              JOIN unnest(chosen, granted) AS place (id, granted) ON place.id = new.order_list_id
             WHERE place.granted;
        END IF;
    END IF;

    IF false = ANY (granted) THEN
        UPDATE trading.client_order_ids AS known
           SET refusal = 'INSUFFICIENT_FUNDS'
          FROM unnest(chosen, user_ids, granted) AS place (order_id, user_id, granted)
         WHERE NOT place.granted
           AND known.user_id = place.user_id
           AND known.client_order_id = ANY (caller_ids)
           AND known.order_id = place.order_id;
    END IF;

    RETURN QUERY
    -- A repeat in this very batch shares its first one's fate.
    SELECT asked.order_id,
           CASE WHEN place.granted OR place.granted IS NULL OR asked.outcome = 'CONFLICT' THEN asked.outcome
                ELSE 'INSUFFICIENT_FUNDS' END
      FROM unnest(first_ids, outcomes) WITH ORDINALITY AS asked (order_id, outcome, position)
      LEFT JOIN unnest(chosen, granted) AS place (order_id, granted) USING (order_id)
     ORDER BY asked.position;
END $$;

-- Commits commands that cancel orders (parallel arrays). One row for each order that is that user's, with its symbol
-- and status; the command is kept only while the order is not final. No row for an unknown order, or somebody else's.
-- Locks nothing but the new rows. Of its plans, see ledger.post_locked().
CREATE FUNCTION trading.put_cancels(command_ids uuid[], order_ids uuid[], user_ids uuid[], at timestamptz)
RETURNS TABLE (command_id uuid, symbol text, status trading.order_status_enum) LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH asked AS (
        SELECT cancel.command_id, cancel.user_id, orders.order_id, orders.symbol, orders.status
          FROM unnest(command_ids, order_ids, user_ids) AS cancel (command_id, order_id, user_id)
          JOIN trading.orders ON orders.order_id = cancel.order_id AND orders.user_id = cancel.user_id
    ), kept AS (
        INSERT INTO trading.commands (command_id, symbol, kind, order_id, user_id, created_at)
        SELECT command_id, symbol, 'CANCEL', order_id, user_id, at
          FROM asked
         WHERE status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED')
    )
    SELECT command_id, symbol, status
      FROM asked;
END $$;

-- Commits commands that amend orders (parallel arrays), each with what it needs reserved beside its order under its own
-- id; 0: nothing. One row each, in the order given: false when the funds are not there, then it is not kept. Greedy.
-- Locks accounts by id. Of its plans, see ledger.post_locked().
CREATE FUNCTION trading.put_amends(
    command_ids uuid[], symbols text[], order_ids uuid[], user_ids uuid[], contents text[], reserve_assets text[],
    reserve_amounts numeric[], at timestamptz
) RETURNS TABLE (is_kept boolean) LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    funded_ids     uuid[];
    funded_users   uuid[];
    funded_assets  text[];
    funded_amounts numeric[];
    granted        boolean[];
    refused_ids    uuid[] := '{}';
BEGIN
    SELECT array_agg(asked.id ORDER BY position), array_agg(asked.user_id ORDER BY position),
           array_agg(asked.asset ORDER BY position), array_agg(asked.amount ORDER BY position)
      INTO funded_ids, funded_users, funded_assets, funded_amounts
      FROM unnest(command_ids, user_ids, reserve_assets, reserve_amounts) WITH ORDINALITY
           AS asked (id, user_id, asset, amount, position)
     WHERE asked.amount > 0;
    IF funded_ids IS NOT NULL THEN
        granted := ledger.reserve(funded_ids, 'amend', funded_users, funded_assets, funded_amounts,
                                  array_fill('AMEND'::text, ARRAY[cardinality(funded_ids)]), at);
        refused_ids := ARRAY(SELECT funded.id FROM unnest(funded_ids, granted) AS funded (id, is_granted)
                              WHERE NOT funded.is_granted);
    END IF;

    INSERT INTO trading.commands (command_id, symbol, kind, order_id, user_id, content, created_at)
    SELECT asked.id, asked.symbol, 'AMEND', asked.order_id, asked.user_id, asked.content, at
      FROM unnest(command_ids, symbols, order_ids, user_ids, contents)
           AS asked (id, symbol, order_id, user_id, content)
     WHERE asked.id <> ALL (refused_ids);

    RETURN QUERY
    SELECT asked.id <> ALL (refused_ids)
      FROM unnest(command_ids) WITH ORDINALITY AS asked (id, position)
     ORDER BY asked.position;
END $$;
