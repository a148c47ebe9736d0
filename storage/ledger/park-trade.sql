/* Sets a trade aside that cannot be settled, with the reason. No rows. A second time breaks parked_trades_pkey. */
INSERT INTO ledger.parked_trades (trade_id, symbol, trade_seq, reason, parked_at)
VALUES (${tradeId}, ${symbol}, ${tradeSeq}, ${reason}, ${at});
