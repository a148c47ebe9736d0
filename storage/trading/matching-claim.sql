/*
  Takes the lease of every market of ${symbols} (all when empty) but ${except} that nobody holds any more, for
  ${matcherId} and ${ttlMs} milliseconds of this database's clock. No row for a market that is held.

  Raises the epoch on the row that every commit is fenced by: what the last holder has still on its way commits before
  this or never. Locks those market_state rows, by symbol.
*/
WITH free AS (
    SELECT state.symbol
      FROM trading.market_state AS state
     WHERE state.lease_until < clock_timestamp()
       AND state.symbol <> ALL (${except}::text[])
       AND (cardinality(${symbols}::text[]) = 0 OR state.symbol = ANY (${symbols}::text[]))
     ORDER BY state.symbol
       FOR NO KEY UPDATE
)
UPDATE trading.market_state AS state
   SET matcher_id = ${matcherId},
       epoch = state.epoch + 1,
       lease_until = clock_timestamp() + ${ttlMs} * interval '1 millisecond'
  FROM free
 WHERE state.symbol = free.symbol
RETURNING state.symbol, state.epoch;
