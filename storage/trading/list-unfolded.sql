/*
  The markets with committed trades that are not folded into candles: how far they are, their last trade, and the time
  that no unfolded trade is older than. Locks nothing.
*/
SELECT symbol, coalesce(progress.trade_seq, 0) AS folded_seq, state.trade_seq AS last_seq,
       coalesce(progress.since, 'epoch') AS since
  FROM trading.market_state AS state
  LEFT JOIN trading.candle_progress AS progress USING (symbol)
 WHERE state.trade_seq > coalesce(progress.trade_seq, 0)
 ORDER BY symbol;
