/* The newest trade_seq of ${symbol}; 0 before its first trade. Always one row. Locks nothing. */
SELECT coalesce(max(trade_seq), 0) AS last_seq
  FROM trading.trades
 WHERE symbol = ${symbol};
