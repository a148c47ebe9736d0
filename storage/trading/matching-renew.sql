/*
  Renews the leases ${symbols} at ${epochs}, for ${ttlMs} milliseconds of this database's clock, and tells its time.
  A lease that ran out is renewed as well while nobody else has taken it. No row for one that was taken over.

  Locks those market_state rows, by symbol.
*/
WITH mine AS (
    SELECT state.symbol
      FROM trading.market_state AS state
      JOIN unnest(${symbols}::text[], ${epochs}::bigint[]) AS held (symbol, epoch) USING (symbol, epoch)
     ORDER BY state.symbol
       FOR NO KEY UPDATE OF state
)
UPDATE trading.market_state AS state
   SET lease_until = clock_timestamp() + ${ttlMs} * interval '1 millisecond'
  FROM mine
 WHERE state.symbol = mine.symbol
RETURNING state.symbol;
