DROP FUNCTION trading.candle_json(trading.candles);
DROP FUNCTION trading.list_candles(text, text, bigint, timestamptz, timestamptz, integer);
DROP FUNCTION trading.unfolded_candles(text, text[], bigint[]);
DROP FUNCTION trading.bust_trade(uuid, text[], bigint[], timestamptz);
DROP FUNCTION trading.candles_of(text, bigint, bigint, timestamptz, text[], bigint[]);
DROP TABLE trading.candle_progress;
DROP TABLE trading.candles;
DROP TABLE trading.busted_trades;
