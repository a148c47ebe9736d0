/* The trades that wait for a person. No rows when there are none. Locks nothing. */
SELECT trade_id FROM ledger.parked_trades WHERE state = 'parked' ORDER BY trade_id;
