/* How far the trades of ${symbol} are counted; 0 at first. Always one row. Locks it. */
INSERT INTO monitoring.progress AS known (symbol, trade_seq)
VALUES (${symbol}, 0)
    ON CONFLICT (symbol) DO UPDATE
   SET trade_seq = known.trade_seq
RETURNING known.trade_seq;
