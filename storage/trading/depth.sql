/*
  The book of ${symbol} as one snapshot: its sequences, the quantity that rests at each price (untriggered stops do
  not), and its last ${trades} trades. No row for a symbol that has no market. Locks nothing.
*/
SELECT state.book_seq,
       state.trade_seq,
       (SELECT coalesce(json_agg(json_build_array(level.side, level.price, level.quantity)), '[]')
          FROM (SELECT entry.side,
                       trim_scale(entry.price)::text AS price,
                       trim_scale(sum(entry.quantity - entry.filled_quantity - entry.prevented_quantity))::text
                           AS quantity
                  FROM trading.orders AS entry
                 WHERE entry.symbol = state.symbol
                   AND entry.status IN ('OPEN', 'PARTIALLY_FILLED')
                   AND (entry.stop_price IS NULL OR entry.triggered_at IS NOT NULL)
                 GROUP BY entry.side, entry.price) AS level) AS levels,
       (SELECT coalesce(json_agg(last.trade ORDER BY last.trade_seq), '[]')
          FROM (SELECT trade.trade_seq,
                       json_build_object(
                           'trade_id', trade.trade_id,
                           'trade_seq', trade.trade_seq,
                           'price', trim_scale(trade.price)::text,
                           'quantity', trim_scale(trade.quantity)::text,
                           'quote_amount', trim_scale(trade.quote_amount)::text,
                           'taker_side', CASE WHEN trade.is_buyer_maker THEN 'SELL' ELSE 'BUY' END,
                           'executed_at', to_char(trade.executed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
                       ) AS trade
                  FROM trading.trades AS trade
                 WHERE trade.symbol = state.symbol
                 ORDER BY trade.trade_seq DESC
                 LIMIT ${trades}) AS last) AS trades
  FROM trading.market_state AS state
 WHERE state.symbol = ${symbol};
