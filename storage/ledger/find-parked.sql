/* The parked trade ${tradeId}, also when it has ended; no row when it was never parked. Locks nothing. */
SELECT trade_id, symbol, trade_seq, reason, state, parked_at, ended_at
  FROM ledger.parked_trades
 WHERE trade_id = ${tradeId};
