/* The parked trade ${tradeId}, locked; no row when it was never parked. */
SELECT trade_id, symbol, trade_seq, reason, state, parked_at, ended_at
  FROM ledger.parked_trades
 WHERE trade_id = ${tradeId}
   FOR UPDATE;
