CREATE OR REPLACE FUNCTION trading.commit_batch(
    at timestamptz, engine integer,
    market_symbols text[], market_epochs bigint[], market_batches bigint[], market_trade_seqs bigint[],
    market_book_seqs bigint[], market_stop_seqs bigint[], market_stream_ids text[], market_hashes text[],
    market_prices numeric[], market_versions bigint[], market_inputs text[], market_events text[],
    order_ids uuid[], order_statuses text[], order_filled numeric[], order_executed numeric[],
    order_prevented numeric[],
    order_fees numeric[], order_priorities bigint[], order_stop_seqs bigint[], order_triggered boolean[],
    order_reasons text[],
    trade_ids uuid[], trade_symbols text[], trade_seqs bigint[], trade_buyer_orders uuid[], trade_seller_orders uuid[],
    trade_buyers uuid[], trade_sellers uuid[], trade_prices numeric[], trade_quantities numeric[],
    trade_quotes numeric[], trade_buyer_fees numeric[], trade_seller_fees numeric[], trade_buyer_releases numeric[],
    trade_buyer_makers boolean[], trade_buyer_lists uuid[], trade_seller_lists uuid[],
    prevented_ids uuid[], prevented_makers uuid[], prevented_takers uuid[], prevented_prices numeric[],
    prevented_quantities numeric[],
    release_ids uuid[], release_orders uuid[], release_amounts numeric[], release_reasons text[],
    command_ids uuid[], command_outcomes text[], amends json, merge_ids uuid[], merge_orders uuid[]
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    first_order uuid := (SELECT id FROM unnest(order_ids) AS id ORDER BY id LIMIT 1);
    last_order  uuid := (SELECT id FROM unnest(order_ids) AS id ORDER BY id DESC LIMIT 1);
    changed     integer;
BEGIN
    PERFORM FROM trading.market_state WHERE symbol = ANY (market_symbols) ORDER BY symbol FOR NO KEY UPDATE;
    UPDATE trading.market_state AS state
       SET batch = state.batch + 1, batch_time = at, trade_seq = market.trade_seq, book_seq = market.book_seq,
           stop_seq = market.stop_seq, last_stream_id = market.stream_id, state_hash = market.hash,
           last_price = coalesce(market.price, state.last_price), version = market.version
      FROM unnest(market_symbols, market_epochs, market_batches, market_trade_seqs, market_book_seqs, market_stop_seqs,
                  market_stream_ids, market_hashes, market_prices, market_versions)
           AS market (symbol, epoch, batch, trade_seq, book_seq, stop_seq, stream_id, hash, price, version)
     WHERE state.symbol = market.symbol AND state.epoch = market.epoch AND state.batch = market.batch
       AND state.trade_seq + (SELECT count(*) FROM unnest(trade_symbols) AS made (symbol)
                               WHERE made.symbol = state.symbol) = market.trade_seq;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> cardinality(market_symbols) THEN
        RAISE EXCEPTION 'a market is at another epoch, batch or trade' USING ERRCODE = 'MF001';
    END IF;

    INSERT INTO trading.journal (symbol, batch, epoch, batch_time, engine_version, inputs, events)
    SELECT market.symbol, market.batch + 1, market.epoch, at, engine, market.inputs::jsonb, market.events::jsonb
      FROM unnest(market_symbols, market_batches, market_epochs, market_inputs, market_events)
           AS market (symbol, batch, epoch, inputs, events);

    -- Before what was done by the new terms.
    PERFORM trading.amend_orders(amends) WHERE amends IS NOT NULL;

    UPDATE trading.orders
       SET status = after.status::trading.order_status_enum, filled_quantity = after.filled,
           executed_quote = after.executed, prevented_quantity = after.prevented, fees = orders.fees + after.fees,
           priority_seq = coalesce(after.priority, orders.priority_seq),
           stop_seq = coalesce(after.stop_seq, orders.stop_seq),
           triggered_at = CASE WHEN after.triggered THEN at ELSE orders.triggered_at END, reason = after.reason,
           version = orders.version + 1, updated_at = at,
           filled_at = CASE WHEN after.status = 'FILLED' THEN at END,
           cancelled_at = CASE WHEN after.status IN ('CANCELLED', 'EXPIRED') THEN at END
      FROM unnest(order_ids, order_statuses, order_filled, order_executed, order_prevented, order_fees,
                  order_priorities, order_stop_seqs, order_triggered, order_reasons)
           AS after (order_id, status, filled, executed, prevented, fees, priority, stop_seq, triggered, reason)
     WHERE orders.order_id = after.order_id
       -- Leaves out the partitions that none of them lies in.
       AND orders.order_id BETWEEN first_order AND last_order
       AND orders.status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED');
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> cardinality(order_ids) THEN
        RAISE check_violation USING CONSTRAINT = 'order_is_open', MESSAGE = 'an order is missing or final already';
    END IF;

    INSERT INTO trading.trades (trade_id, symbol, trade_seq, buyer_order_id, seller_order_id, buyer_user_id,
                                seller_user_id, price, quantity, base_amount, quote_amount, buyer_fee, seller_fee,
                                buyer_release, is_buyer_maker, buyer_list_id, seller_list_id, executed_at)
    SELECT trade.id, trade.symbol, trade.seq, trade.buyer_order, trade.seller_order, trade.buyer, trade.seller,
           trade.price, trade.quantity, trade.quantity, trade.quote, trade.buyer_fee, trade.seller_fee,
           trade.buyer_release, trade.buyer_maker, trade.buyer_list, trade.seller_list, at
      FROM unnest(trade_ids, trade_symbols, trade_seqs, trade_buyer_orders, trade_seller_orders, trade_buyers,
                  trade_sellers, trade_prices, trade_quantities, trade_quotes, trade_buyer_fees, trade_seller_fees,
                  trade_buyer_releases, trade_buyer_makers, trade_buyer_lists,
                  trade_seller_lists)
           AS trade (id, symbol, seq, buyer_order, seller_order, buyer, seller, price, quantity, quote, buyer_fee,
                     seller_fee, buyer_release, buyer_maker, buyer_list, seller_list);

    IF cardinality(prevented_ids) > 0 THEN
        INSERT INTO trading.prevented_matches (prevented_match_id, symbol, maker_order_id, taker_order_id, price,
                                               quantity, self_trade_prevention, prevented_at)
        SELECT prevented.id, orders.symbol, prevented.maker, prevented.taker, prevented.price, prevented.quantity,
               orders.self_trade_prevention, at
          FROM unnest(prevented_ids, prevented_makers, prevented_takers, prevented_prices, prevented_quantities)
               AS prevented (id, maker, taker, price, quantity)
          JOIN trading.orders ON orders.order_id = prevented.taker
           AND orders.order_id BETWEEN first_order AND last_order;
    END IF;

    UPDATE trading.commands
       SET outcome = done.outcome, outcome_at = at
      FROM unnest(command_ids, command_outcomes) AS done (command_id, outcome)
     WHERE commands.command_id = done.command_id
       AND commands.outcome IS NULL;

    PERFORM ledger.merge(merge_ids, merge_orders, release_orders) WHERE cardinality(merge_ids) > 0;
    PERFORM ledger.release(release_ids, release_orders, release_amounts, release_reasons, at)
      WHERE cardinality(release_ids) > 0;
END $$;

CREATE OR REPLACE FUNCTION trading.put_cancels(command_ids uuid[], order_ids uuid[], user_ids uuid[], at timestamptz)
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

CREATE OR REPLACE FUNCTION ledger.post_locked(
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

CREATE OR REPLACE FUNCTION ledger.draw(
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

CREATE OR REPLACE FUNCTION ledger.release(
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

CREATE OR REPLACE FUNCTION ledger.post_trades(
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

CREATE OR REPLACE FUNCTION ledger.reserve(
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

CREATE OR REPLACE FUNCTION partitions.in_use(parent regclass, part regclass, stays text) RETURNS boolean
LANGUAGE plpgsql AS $$
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
ALTER TABLE partitions.tables DROP COLUMN referred;
ALTER TABLE trading.trades
    ADD CONSTRAINT trade_buyer_order_fkey FOREIGN KEY (buyer_order_id) REFERENCES trading.orders,
    ADD CONSTRAINT trade_seller_order_fkey FOREIGN KEY (seller_order_id) REFERENCES trading.orders;
