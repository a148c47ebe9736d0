-- Candles: each market's trades summed up by stretches of time. They follow from the trades alone: both tables may be
-- emptied together, and are filled again.

-- A stretch without a trade has no row. Only the newest of each interval changes, so pages keep some room.
CREATE TABLE trading.candles (
    symbol       text        NOT NULL,
    interval     text        NOT NULL,
    -- Of the stretch; whole intervals since 1970, so that days begin at 00:00 UTC.
    start        timestamptz NOT NULL,
    open         numeric     NOT NULL,
    high         numeric     NOT NULL,
    low          numeric     NOT NULL,
    close        numeric     NOT NULL,
    -- In base, and in quote.
    volume       numeric     NOT NULL,
    quote_volume numeric     NOT NULL,
    trades       bigint      NOT NULL,
    -- The trade_seq of the last trade in it.
    last_seq     bigint      NOT NULL,
    CONSTRAINT candles_pkey PRIMARY KEY (symbol, interval, start),
    CONSTRAINT candle_interval_known CHECK (interval IN ('1m', '5m', '15m', '1h', '4h', '1d')),
    CONSTRAINT candle_prices_in_range CHECK (low <= least(open, close) AND high >= greatest(open, close))
) WITH (fillfactor = 90);

-- How far a market's trades are folded into its candles. The row moves in the statement that folds them.
CREATE TABLE trading.candle_progress (
    symbol    text        CONSTRAINT candle_progress_pkey PRIMARY KEY,
    trade_seq bigint      NOT NULL,
    -- No later trade was executed before it: a market's time never runs back.
    since     timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Trades that were taken back: they stand among the trades for ever, and count for nothing.
CREATE TABLE trading.busted_trades (
    trade_id  uuid        CONSTRAINT busted_trades_pkey PRIMARY KEY,
    symbol    text        NOT NULL,
    trade_seq bigint      NOT NULL,
    busted_at timestamptz NOT NULL,
    CONSTRAINT busted_trade_once UNIQUE (symbol, trade_seq)
);

-- The candles that a market's trades after `after_seq`, up to `last_seq`, give by themselves, none of them executed
-- before `since`; of several intervals (parallel arrays: names, milliseconds).
CREATE FUNCTION trading.candles_of(
    market text, after_seq bigint, last_seq bigint, since timestamptz, intervals text[], widths bigint[]
) RETURNS SETOF trading.candles LANGUAGE sql STABLE AS $$
    SELECT trade.symbol, span.name, date_bin(span.width * interval '1 ms', trade.executed_at, 'epoch'),
           (array_agg(trade.price ORDER BY trade.trade_seq))[1],
           max(trade.price),
           min(trade.price),
           (array_agg(trade.price ORDER BY trade.trade_seq DESC))[1],
           sum(trade.quantity),
           sum(trade.quote_amount),
           count(*),
           max(trade.trade_seq)
      FROM trading.trades AS trade
     CROSS JOIN unnest(intervals, widths) AS span (name, width)
     WHERE trade.symbol = market
       AND trade.trade_seq > after_seq
       AND trade.trade_seq <= candles_of.last_seq
       -- Leaves out the partitions of days gone by.
       AND trade.trade_id >= partitions.first_id_at(since)
       AND NOT EXISTS (SELECT FROM trading.busted_trades AS busted WHERE busted.trade_id = trade.trade_id)
     GROUP BY 1, 2, 3
$$;

-- Takes a trade back: lists it, and makes the candles it was in anew. False when there is no such trade. Locks the
-- market's progress, then candles, which only the holder of that lock writes.
CREATE FUNCTION trading.bust_trade(busted_id uuid, intervals text[], widths bigint[], at timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    trade    trading.trades;
    progress trading.candle_progress;
    span     record;
BEGIN
    SELECT * INTO trade FROM trading.trades WHERE trades.trade_id = busted_id;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT * INTO progress FROM trading.candle_progress WHERE symbol = trade.symbol FOR UPDATE;
    INSERT INTO trading.busted_trades (trade_id, symbol, trade_seq, busted_at)
    VALUES (trade.trade_id, trade.symbol, trade.trade_seq, at);
    FOR span IN
        SELECT name, width, date_bin(width * interval '1 ms', trade.executed_at, 'epoch') AS start
          FROM unnest(intervals, widths) AS span (name, width)
    LOOP
        DELETE FROM trading.candles AS candle
         WHERE candle.symbol = trade.symbol AND candle.interval = span.name AND candle.start = span.start;
        INSERT INTO trading.candles
        SELECT fresh.*
          FROM trading.candles_of(trade.symbol, 0, progress.trade_seq, span.start, ARRAY[span.name],
                                  ARRAY[span.width]) AS fresh
         WHERE fresh.start = span.start;
    END LOOP;
    RETURN true;
END $$;

-- What a market's committed trades that are not folded yet give.
CREATE FUNCTION trading.unfolded_candles(market text, intervals text[], widths bigint[])
RETURNS SETOF trading.candles LANGUAGE sql STABLE AS $$
    SELECT fresh.*
      FROM trading.market_state AS state
      LEFT JOIN trading.candle_progress AS progress USING (symbol)
     CROSS JOIN LATERAL trading.candles_of(state.symbol, coalesce(progress.trade_seq, 0), state.trade_seq,
                                           coalesce(progress.since, 'epoch'), intervals, widths) AS fresh
     WHERE state.symbol = market
$$;

-- Candles as of the last committed trade, oldest first, at most `most` of those that start before `before`: the first
-- ones from `first` on, or the last ones when it is null. Stored candles and those of trades that are not folded yet
-- are seen by one statement, so that each trade counts once. Locks nothing. Of its plans, see ledger.post_locked().
CREATE FUNCTION trading.list_candles(
    market text, span text, width bigint, first timestamptz, before timestamptz, most integer
) RETURNS SETOF trading.candles LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    WITH parts AS (
        (SELECT candle.*
           FROM trading.candles AS candle
          WHERE candle.symbol = market AND candle.interval = span AND candle.start >= first AND candle.start < before
          ORDER BY candle.start
          LIMIT most)
         UNION ALL
        (SELECT candle.*
           FROM trading.candles AS candle
          WHERE candle.symbol = market AND candle.interval = span AND first IS NULL AND candle.start < before
          ORDER BY candle.start DESC
          LIMIT most)
         UNION ALL
        (SELECT fresh.*
           FROM trading.unfolded_candles(market, ARRAY[span], ARRAY[width]) AS fresh
          WHERE fresh.start < before AND (first IS NULL OR fresh.start >= first))
    ), page AS (
        SELECT market, span, part.start,
               (array_agg(part.open ORDER BY part.last_seq))[1],
               max(part.high),
               min(part.low),
               (array_agg(part.close ORDER BY part.last_seq DESC))[1],
               sum(part.volume),
               sum(part.quote_volume),
               sum(part.trades)::bigint,
               max(part.last_seq)
          FROM parts AS part
         GROUP BY part.start
         ORDER BY CASE WHEN first IS NULL THEN part.start END DESC, part.start
         LIMIT most
    )
    SELECT * FROM page ORDER BY page.start;
END $$;

-- A candle as everybody sees it.
CREATE FUNCTION trading.candle_json(candle trading.candles) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'start', to_char(candle.start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'open', trim_scale(candle.open)::text,
        'high', trim_scale(candle.high)::text,
        'low', trim_scale(candle.low)::text,
        'close', trim_scale(candle.close)::text,
        'volume', trim_scale(candle.volume)::text,
        'quote_volume', trim_scale(candle.quote_volume)::text,
        'trades', candle.trades,
        'last_trade_seq', candle.last_seq
    )
$$;
