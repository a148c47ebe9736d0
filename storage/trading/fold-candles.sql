/*
  Folds the trades of ${symbol} after trade_seq ${from}, up to ${to} and none older than ${since}, into its candles of
  ${intervals} (${widths} ms). One row: how many trades were found, those taken back included, and whether the progress
  moved. It does not, and nothing is written, when it stands elsewhere by now or a trade is missing. Locks the market's
  progress, then candles, which only the holder of that lock writes.
*/
WITH fresh AS MATERIALIZED (
    SELECT *
      FROM trading.candles_of(${symbol}, ${from}, ${to}, ${since}, ${intervals}::text[], ${widths}::bigint[])
), found AS (
    SELECT coalesce(sum(trades), 0) + (SELECT count(*)
                                         FROM trading.busted_trades AS busted
                                        WHERE busted.symbol = ${symbol}
                                          AND busted.trade_seq > ${from}::bigint
                                          AND busted.trade_seq <= ${to}::bigint) AS trades,
           max(start) AS since
      FROM fresh
     WHERE interval = '1m'
), moved AS (
    INSERT INTO trading.candle_progress AS progress (symbol, trade_seq, since)
    SELECT ${symbol}, ${to}, coalesce(found.since, ${since})
      FROM found
     WHERE found.trades = ${to}::bigint - ${from}::bigint
       -- Emptied meanwhile: it begins at the first trade again, not here.
       AND (${from} = 0 OR EXISTS (SELECT FROM trading.candle_progress WHERE symbol = ${symbol}))
        ON CONFLICT (symbol) DO UPDATE
       SET trade_seq = excluded.trade_seq, since = excluded.since
     WHERE progress.trade_seq = ${from}
    RETURNING progress.trade_seq
), folded AS (
    INSERT INTO trading.candles AS candle
    SELECT *
      FROM fresh
     WHERE EXISTS (SELECT FROM moved)
        ON CONFLICT (symbol, interval, start) DO UPDATE
       SET high = greatest(candle.high, excluded.high),
           low = least(candle.low, excluded.low),
           close = excluded.close,
           volume = candle.volume + excluded.volume,
           quote_volume = candle.quote_volume + excluded.quote_volume,
           trades = candle.trades + excluded.trades,
           last_seq = excluded.last_seq
)
SELECT found.trades, EXISTS (SELECT FROM moved) AS moved
  FROM found;
