/* The markets that have trades, by symbol. No rows before the first trade. Locks nothing. */
SELECT symbol
  FROM trading.market_state
 WHERE trade_seq > 0
 ORDER BY symbol;
