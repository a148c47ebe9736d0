-- Partitions while the exchange runs: made ahead, filled from the DEFAULT partition where it had to stand in, and put
-- away when they are old. Whatever has to wait for trading gives up after 200 ms in all, making one after 100
-- (lock_not_available), and is tried again: trading waits behind it meanwhile.

-- Where old partitions are kept: whole, and no part of their table any more.
CREATE SCHEMA archive;

-- Every partitioned table, and how its partitions are kept.
CREATE TABLE partitions.tables (
    parent     text    CONSTRAINT tables_pkey PRIMARY KEY,
    prefix     text    NOT NULL,
    -- What one partition spans.
    step       text    NOT NULL,
    -- Partitions made ahead of the current one.
    ahead      integer NOT NULL,
    -- In which order, table after table, old partitions are put away; null: never.
    put_away   integer,
    -- A query over a partition (%1$s) that has rows while it must stay.
    stays      text,
    CONSTRAINT table_step_known CHECK (step IN ('day', 'month')),
    CONSTRAINT table_ahead_positive CHECK (ahead > 0),
    CONSTRAINT table_put_away_says_what_stays CHECK ((put_away IS NULL) = (stays IS NULL))
);
INSERT INTO partitions.tables (parent, prefix, step, ahead, put_away, stays) VALUES
    ('audit.audit_logs', 'audit_logs_', 'month', 12, NULL, NULL),
    ('ledger.transfers', 'transfers_', 'month', 12, NULL, NULL),
    -- Trades before the orders they refer to.
    ('trading.trades', 'trades_', 'day', 7, 1, $$
        SELECT FROM trading.market_state AS market
          LEFT JOIN ledger.settlement_progress AS settled USING (symbol)
          LEFT JOIN trading.candle_progress AS folded USING (symbol)
         WHERE EXISTS (SELECT FROM %1$s AS trade
                        WHERE trade.symbol = market.symbol
                          AND trade.trade_seq > least(coalesce(settled.settled_seq, 0), coalesce(folded.trade_seq, 0)))
            OR EXISTS (SELECT FROM ledger.parked_trades AS parked JOIN %1$s AS trade USING (trade_id)
                        WHERE parked.symbol = market.symbol AND parked.state = 'parked')
    $$),
    ('trading.orders', 'orders_', 'month', 3, 2, $$
        SELECT FROM %1$s WHERE status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED')
    $$),
    ('trading.prevented_matches', 'prevented_matches_', 'month', 3, 3, $$
        SELECT FROM %1$s AS prevented JOIN trading.orders ON order_id IN (maker_order_id, taker_order_id)
         WHERE status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED')
    $$);

-- The partitions of a table, and the range of ids in each; its DEFAULT partition has none and is left out.
CREATE FUNCTION partitions.parts(parent regclass) RETURNS TABLE (part regclass, first_id uuid, end_id uuid)
LANGUAGE sql STABLE STRICT AS $$
    SELECT inhrelid::regclass, bounds[1]::uuid, bounds[2]::uuid
      FROM pg_inherits
      JOIN pg_class ON pg_class.oid = inhrelid,
           regexp_match(pg_get_expr(relpartbound, inhrelid), 'FROM \(''(.+)''\) TO \(''(.+)''\)') AS bounds
     WHERE inhparent = parent AND bounds IS NOT NULL
$$;

CREATE FUNCTION partitions.default_of(parent regclass) RETURNS regclass LANGUAGE sql STABLE STRICT AS $$
    SELECT partdefid::regclass FROM pg_partitioned_table WHERE partrelid = parent
$$;

-- The column a table is partitioned by.
CREATE FUNCTION partitions.key_of(parent regclass) RETURNS name LANGUAGE sql STABLE STRICT AS $$
    SELECT attname FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
     WHERE partrelid = parent
$$;

-- The tables that `parent` refers to by foreign keys, with their partitions: they are locked from the root down.
CREATE FUNCTION partitions.referred_by(parent regclass) RETURNS regclass[] LANGUAGE sql STABLE STRICT AS $$
    SELECT coalesce(array_agg(relid ORDER BY level, relid), '{}')
      FROM (SELECT DISTINCT tree.relid, tree.level
              FROM pg_constraint, pg_partition_tree(confrelid) AS tree
             WHERE conrelid = parent AND contype = 'f' AND conparentid = 0) AS referred
$$;

-- The tables that refer to `parent` by foreign keys.
CREATE FUNCTION partitions.referring_to(parent regclass) RETURNS regclass[] LANGUAGE sql STABLE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT conrelid::regclass), '{}')
      FROM pg_constraint
     WHERE confrelid = parent AND contype = 'f' AND conparentid = 0
$$;

-- The tables that refer to `parent`, and a condition on each one's rows that finds those that refer to its partition
-- `rest`.
CREATE FUNCTION partitions.references_to(parent regclass, rest regclass)
RETURNS TABLE (source regclass, refers text) LANGUAGE sql STABLE STRICT AS $$
    SELECT conrelid::regclass,
           string_agg(format('%I IN (SELECT %I FROM %s)', attname, partitions.key_of(parent), rest), ' OR ')
      FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
     WHERE confrelid = parent AND contype = 'f' AND conparentid = 0
     GROUP BY conrelid
$$;

-- Rows in the DEFAULT partition of a table: none, unless a partition was not made in time.
CREATE FUNCTION partitions.strays(parent regclass) RETURNS bigint LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    strays bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM %s', partitions.default_of(parent)) INTO strays;
    RETURN strays;
END $$;

-- Locks tables one after the other, and waits until `deadline` for all of them together. SET LOCAL has the same reach
-- as the locks: this transaction.
CREATE FUNCTION partitions.lock(tables regclass[], mode text, deadline timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    each regclass;
    left_ms integer;
BEGIN
    FOREACH each IN ARRAY tables LOOP
        left_ms := extract(epoch FROM deadline - clock_timestamp()) * 1000;
        PERFORM set_config('lock_timeout', greatest(left_ms, 1) || 'ms', true);
        EXECUTE format('LOCK TABLE ONLY %s IN %s MODE', each, mode);
    END LOOP;
END $$;

-- Makes a table that can become a partition: with the indexes and checks of `parent`, the storage parameters of its
-- DEFAULT partition and the triggers on TRUNCATE, none of which are inherited. Locks nothing that anybody waits for.
CREATE FUNCTION partitions.prepare(parent regclass, part text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    options text := (SELECT array_to_string(reloptions, ', ') FROM pg_class WHERE oid = partitions.default_of(parent));
    guard   record;
BEGIN
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL)', part, parent);
    IF options IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s SET (%s)', part, options);
    END IF;
    -- 32: the bit of tgtype that says TRUNCATE.
    FOR guard IN SELECT tgname, tgfoid::regproc AS action FROM pg_trigger WHERE tgrelid = parent AND tgtype & 32 <> 0
    LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s()',
                       guard.tgname, part, guard.action);
    END LOOP;
END $$;

-- How many rows have to move before ids from one to another have a partition of their own: those in DEFAULT, and, to
-- and fro, those elsewhere that refer to rows in DEFAULT. Counts no further than is too many. Locks nothing.
CREATE FUNCTION partitions.strays_of(parent regclass, from_id uuid, to_id uuid, most bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    rest   regclass := partitions.default_of(parent);
    strays bigint;
    more   bigint;
    refer  record;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %s WHERE %I >= $1 AND %2$I < $2 LIMIT $3 + 1) AS stray',
                   rest, partitions.key_of(parent)) INTO strays USING from_id, to_id, most;
    IF strays > 0 THEN
        FOR refer IN SELECT source, refers FROM partitions.references_to(parent, rest) LOOP
            EXECUTE format('SELECT count(*) FROM (SELECT FROM %s WHERE %s LIMIT $1 + 1) AS stray',
                           refer.source, refer.refers) INTO more USING most;
            strays := strays + more;
        END LOOP;
    END IF;
    RETURN strays;
END $$;

-- Makes the partition of `parent` from one time to another while the table is used, with what DEFAULT holds of it.
-- 'there': it is made already. 'made'. 'moved': made, and filled from DEFAULT. 'full': more than `most_moved`
-- rows would have to move, and hold trading up for too long; nothing was done.
--
-- ATTACH locks the parent so that rows still come in, where CREATE TABLE … PARTITION OF would lock them out. What both
-- lock besides is locked here, in the lock order: the tables referred to (against writes), the parent, DEFAULT (against
-- everything: nobody writes to it, but plans that cannot rule it out wait), the tables that refer to it (against
-- writes).
CREATE FUNCTION partitions.add(
    parent regclass, prefix text, from_time timestamptz, to_time timestamptz, most_moved bigint
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    from_id  uuid := partitions.first_id_at(from_time);
    to_id    uuid := partitions.first_id_at(to_time);
    part     text := (SELECT format('%I.%I', nspname, prefix || to_char(from_time AT TIME ZONE 'UTC', 'YYYYMMDD'))
                        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                       WHERE pg_class.oid = parent);
    rest     regclass := partitions.default_of(parent);
    deadline timestamptz := clock_timestamp() + interval '100 milliseconds';
    strays   bigint;
BEGIN
    -- Keeps rivals out, and nobody else.
    PERFORM partitions.lock(ARRAY[parent], 'SHARE UPDATE EXCLUSIVE', deadline);
    IF EXISTS (SELECT FROM partitions.parts(parent) WHERE first_id <= from_id AND from_id < end_id) THEN
        RETURN 'there';
    END IF;
    strays := partitions.strays_of(parent, from_id, to_id, most_moved);
    IF strays > most_moved THEN
        RETURN 'full';
    END IF;
    PERFORM partitions.prepare(parent, part);
    deadline := clock_timestamp() + interval '100 milliseconds';
    IF strays > 0 THEN
        PERFORM partitions.attach_with_strays(parent, part, from_id, to_id, deadline);
        RETURN 'moved';
    END IF;
    PERFORM partitions.lock(partitions.referred_by(parent), 'SHARE ROW EXCLUSIVE', deadline);
    PERFORM partitions.lock(ARRAY[rest], 'ACCESS EXCLUSIVE', deadline);
    PERFORM partitions.lock(partitions.referring_to(parent), 'SHARE ROW EXCLUSIVE', deadline);
    -- Fails with a check_violation when rows have come into DEFAULT since they were counted: it is tried again.
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', parent, part, from_id, to_id);
    RETURN 'made';
END $$;

-- Attaches `part` and moves into it what DEFAULT holds of its range. DEFAULT is detached meanwhile: no partition can be
-- attached beside rows of its own, and append-only tables refuse to delete. It cannot be detached while rows elsewhere
-- refer to its rows (deleting those would look for them one by one, too): they are set aside and brought back.
-- Locks everything it touches against all others.
CREATE FUNCTION partitions.attach_with_strays(
    parent regclass, part text, from_id uuid, to_id uuid, deadline timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    rest  regclass := partitions.default_of(parent);
    key   name     := partitions.key_of(parent);
    refer record;
BEGIN
    PERFORM partitions.lock(partitions.referred_by(parent), 'ACCESS EXCLUSIVE', deadline);
    PERFORM partitions.lock(ARRAY[parent, rest], 'ACCESS EXCLUSIVE', deadline);
    PERFORM partitions.lock(partitions.referring_to(parent), 'ACCESS EXCLUSIVE', deadline);

    FOR refer IN SELECT source, refers, 'partitions.aside_' || source::oid AS aside
                   FROM partitions.references_to(parent, rest)
    LOOP
        EXECUTE format('CREATE TABLE %s (LIKE %s)', refer.aside, refer.source);
        EXECUTE format('WITH gone AS (DELETE FROM %s WHERE %s RETURNING *) INSERT INTO %s SELECT * FROM gone',
                       refer.source, refer.refers, refer.aside);
    END LOOP;

    EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', parent, rest);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', parent, part, from_id, to_id);
    EXECUTE format('WITH gone AS (DELETE FROM %s WHERE %I >= $1 AND %2$I < $2 RETURNING *)
                    INSERT INTO %s SELECT * FROM gone', rest, key, parent) USING from_id, to_id;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s DEFAULT', parent, rest);

    FOR refer IN SELECT source, 'partitions.aside_' || source::oid AS aside
                   FROM unnest(partitions.referring_to(parent)) AS source
    LOOP
        EXECUTE format('INSERT INTO %s SELECT * FROM %s', refer.source, refer.aside);
        EXECUTE format('DROP TABLE %s', refer.aside);
    END LOOP;
END $$;

-- True while a partition must stay: `stays` finds rows, or rows elsewhere refer to its rows. Locks nothing.
CREATE FUNCTION partitions.in_use(parent regclass, part regclass, stays text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    used  boolean;
    refer record;
BEGIN
    EXECUTE format('SELECT EXISTS (' || stays || ')', part) INTO used;
    -- A join, other than the condition of references_to(), stays fast whatever the size of the partition.
    FOR refer IN SELECT conrelid::regclass AS source, attname
                   FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
                  WHERE confrelid = parent AND contype = 'f' AND conparentid = 0
    LOOP
        EXIT WHEN used;
        EXECUTE format('SELECT EXISTS (SELECT FROM %s AS source JOIN %s AS part ON source.%I = part.%I)',
                       refer.source, part, refer.attname, partitions.key_of(parent)) INTO used;
    END LOOP;
    RETURN used;
END $$;

-- Detaches a partition and moves it into the schema `archive`, in one step. 'put away'; 'stays' while it is in use;
-- 'gone' when it is no partition any more: a rival was here.
-- Locks as partitions.attach_with_strays() does. DETACH looks once more for rows that refer to it, and holds the locks
-- for as long: a partition that must stay is found before they are taken.
CREATE FUNCTION partitions.put_away(parent regclass, part_name text, stays text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    part     regclass := to_regclass(part_name);
    deadline timestamptz;
    used     boolean;
    refers   name;
BEGIN
    IF part IS NULL THEN
        RETURN 'gone';
    END IF;
    IF partitions.in_use(parent, part, stays) THEN
        RETURN 'stays';
    END IF;
    deadline := clock_timestamp() + interval '200 milliseconds';
    PERFORM partitions.lock(partitions.referred_by(parent), 'ACCESS EXCLUSIVE', deadline);
    PERFORM partitions.lock(ARRAY[parent, part, partitions.default_of(parent)], 'ACCESS EXCLUSIVE', deadline);
    PERFORM partitions.lock(partitions.referring_to(parent), 'ACCESS EXCLUSIVE', deadline);
    IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = part AND inhparent = parent) THEN
        RETURN 'gone';
    END IF;
    EXECUTE format('SELECT EXISTS (' || stays || ')', part) INTO used;
    IF used THEN
        RETURN 'stays';
    END IF;
    EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', parent, part);
    -- Detached, it has foreign keys of its own: they would keep what they refer to in place.
    FOR refers IN SELECT conname FROM pg_constraint WHERE conrelid = part AND contype = 'f' AND conparentid = 0 LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', part, refers);
    END LOOP;
    EXECUTE format('ALTER TABLE %s SET SCHEMA archive', part);
    RETURN 'put away';
END $$;
