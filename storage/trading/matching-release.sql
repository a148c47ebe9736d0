/* Ends the leases ${symbols} at ${epochs} now, so that a standby need not wait. One taken over is left alone. */
UPDATE trading.market_state AS state
   SET lease_until = '-infinity'
  FROM unnest(${symbols}::text[], ${epochs}::bigint[]) AS held (symbol, epoch)
 WHERE state.symbol = held.symbol
   AND state.epoch = held.epoch;
