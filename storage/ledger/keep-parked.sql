/* Keeps why a parked trade could not be settled again. No rows. Locks the row. */
UPDATE ledger.parked_trades
   SET reason = ${reason}
 WHERE trade_id = ${tradeId}
   AND state = 'parked';
