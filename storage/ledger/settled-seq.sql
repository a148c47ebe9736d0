/* How far the market ${symbol} is settled, and how many of its trades are parked. Always one row. Locks nothing. */
SELECT coalesce((SELECT settled_seq FROM ledger.settlement_progress WHERE symbol = ${symbol}), 0) AS settled_seq,
       (SELECT count(*) FROM ledger.parked_trades WHERE symbol = ${symbol} AND state = 'parked')::integer AS parked;
