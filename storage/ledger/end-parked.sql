/* Ends a trade's parking as ${state}. One row; no row when it had ended. Locks the row. */
UPDATE ledger.parked_trades
   SET state = ${state}, ended_at = ${at}
 WHERE trade_id = ${tradeId}
   AND state = 'parked'
RETURNING trade_id;
