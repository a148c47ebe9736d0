/*
  Candles of ${symbol} and ${interval} (${width} ms) as of its last committed trade, oldest first, at most ${limit} of
  those that start before ${before}: the first ones from ${first} on, or the last ones when it is null. No row for a
  symbol that has no market. Locks nothing.
*/
SELECT (SELECT coalesce(json_agg(trading.candle_json(candle) ORDER BY candle.start), '[]')
          FROM trading.list_candles(state.symbol, ${interval}, ${width}, ${first}::timestamptz, ${before}::timestamptz,
                                    ${limit}) AS candle) AS candles
  FROM trading.market_state AS state
 WHERE state.symbol = ${symbol};
