/*
  Which of the trades ${tradeIds} do not have their first transfer (parallel array ${transferIds}), and whether they
  were parked. No rows when all are posted. Locks nothing.
*/
SELECT trades.trade_id, parked_trades.trade_id IS NOT NULL AS parked
  FROM unnest(${tradeIds}::uuid[], ${transferIds}::uuid[]) AS trades (trade_id, transfer_id)
  LEFT JOIN ledger.parked_trades USING (trade_id)
 WHERE NOT EXISTS (SELECT FROM ledger.transfers WHERE transfers.transfer_id = trades.transfer_id);
