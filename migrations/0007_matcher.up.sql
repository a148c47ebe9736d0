-- Gives open orders new terms: JSON rows of order_id, quantity, limit (of a STOP its protection price), stop_price and
-- reserve_price, of which an order takes those that its kind has. Locks the orders, by id. One that is missing or final
-- breaks order_is_open. Of its plans, see commit_batch().
CREATE FUNCTION trading.amend_orders(amends json) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    changed integer;
BEGIN
    UPDATE trading.orders
       SET placed_quantity = coalesce(orders.placed_quantity, orders.quantity),
           placed_price = coalesce(orders.placed_price, orders.price),
           placed_stop_price = coalesce(orders.placed_stop_price, orders.stop_price),
           quantity = CASE WHEN orders.quantity IS NOT NULL THEN terms.quantity END,
           price = CASE WHEN orders.price IS NOT NULL THEN terms."limit" END,
           protection_price = CASE WHEN orders.protection_price IS NOT NULL THEN terms."limit" END,
           stop_price = CASE WHEN orders.stop_price IS NOT NULL THEN terms.stop_price END,
           reserve_price = CASE WHEN orders.reserve_price IS NOT NULL THEN terms.reserve_price END
      FROM json_to_recordset(amends) AS terms (order_id uuid, quantity numeric, "limit" numeric, stop_price numeric,
                                               reserve_price numeric)
     WHERE orders.order_id = terms.order_id
       AND orders.status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED');
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> json_array_length(amends) THEN
        RAISE check_violation USING CONSTRAINT = 'order_is_open', MESSAGE = 'an amended order is missing or final';
    END IF;
END $$;

-- The matcher's commit: everything a batch of all markets of one matcher decided, in one statement and one transaction.

-- Parallel arrays, so that one prepared statement of fixed shape serves every batch: market_* one entry a market,
-- order_* one an order as the batch leaves it (order_fees is what the batch adds), trade_* one a trade, prevented_* one
-- a match of two orders of one user, release_* one a reservation that gives something back, command_* one a command
-- that has its outcome, merge_* one an amend whose funds join its order's; amends: new terms of orders as JSON, null
-- when there are none.
--
-- Raises MF001 and changes nothing when any market is another's now (epoch) or has gone on (batch): a take-over updates
-- the same row, so that a commit is either before it or not at all. Breaks order_is_open, trade_seq_gapless or
-- command_is_waiting when the books disagree with the tables, and the ledger's constraints as ledger.release() does.
-- Locks market_state by symbol, the orders (their market has no other writer), then as ledger.release().
--
-- Plans are made once a connection: planning each batch for the arrays it brings took longer than running it, and chose
-- to read all open orders where a look-up by key for each is right.
CREATE FUNCTION trading.commit_batch(
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
