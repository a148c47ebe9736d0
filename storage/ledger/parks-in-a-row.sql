/*
  How many of the trades ${symbol} ${from} to ${to} are parked. Always one row. Locks nothing.
*/
SELECT count(*)::integer AS parked
  FROM ledger.parked_trades
 WHERE symbol = ${symbol}
   AND trade_seq BETWEEN ${from} AND ${to}
   AND state = 'parked';
