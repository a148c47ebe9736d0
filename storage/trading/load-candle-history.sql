/*
  The newest candles of ${symbol}, ${counts} of each of ${intervals} (${widths} ms), oldest first, and the trade that
  they are as of; one snapshot. No row for a symbol that has no market. Locks nothing.
*/
SELECT state.trade_seq,
       (SELECT json_object_agg(span.name, (
                   SELECT coalesce(json_agg(trading.candle_json(candle) ORDER BY candle.start), '[]')
                     FROM trading.list_candles(state.symbol, span.name, span.width, NULL, 'infinity', span.most)
                          AS candle))
          FROM unnest(${intervals}::text[], ${widths}::bigint[], ${counts}::integer[]) AS span (name, width, most)
       ) AS candles
  FROM trading.market_state AS state
 WHERE state.symbol = ${symbol};
