/*
  Which of the trades ${tradeIds} have neither their first transfer (parallel array ${transferIds}) nor a parked or
  busted row. No rows when all are accounted for. Locks nothing.
*/
SELECT trades.trade_id
  FROM unnest(${tradeIds}::uuid[], ${transferIds}::uuid[]) AS trades (trade_id, transfer_id)
 WHERE NOT EXISTS (SELECT FROM ledger.transfers WHERE transfers.transfer_id = trades.transfer_id)
   AND NOT EXISTS (SELECT FROM ledger.parked_trades WHERE parked_trades.trade_id = trades.trade_id);
