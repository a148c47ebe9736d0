/*
  Moves the progress of ${symbol} from ${from} to ${to}, making its row for the first batch. No row when it does not
  stand at ${from}: another attempt was faster. Locks the market's row, before anything else of the transaction.
*/
INSERT INTO ledger.settlement_progress (symbol, settled_seq, updated_at)
SELECT ${symbol}, ${to}, ${at}
 WHERE ${from} = 0 OR EXISTS (SELECT FROM ledger.settlement_progress WHERE symbol = ${symbol})
    ON CONFLICT (symbol) DO UPDATE
   SET settled_seq = excluded.settled_seq, updated_at = excluded.updated_at
 WHERE settlement_progress.settled_seq = ${from}
RETURNING settled_seq;
