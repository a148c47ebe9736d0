/* Where the markets ${symbols} stand: epoch and last batch. Locks nothing. */
SELECT symbol, epoch, batch
  FROM trading.market_state
 WHERE symbol = ANY (${symbols});
