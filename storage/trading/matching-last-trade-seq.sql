/*
  The newest trade_seq of ${symbol}; 0 before its first trade. Always one row. Of the market's state, which is committed
  with its trades: those may all be archived. Locks nothing.
*/
SELECT coalesce(max(trade_seq), 0) AS last_seq
  FROM trading.market_state
 WHERE symbol = ${symbol};
