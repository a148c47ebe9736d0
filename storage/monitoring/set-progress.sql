/* Says that the trades of ${symbol} are counted as far as ${tradeSeq}. No rows. Locks its row. */
UPDATE monitoring.progress
   SET trade_seq = ${tradeSeq}
 WHERE symbol = ${symbol};
