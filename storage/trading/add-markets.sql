/*
  Adds the markets in ${markets} (JSON rows of trading.markets) with a state of their own. A known symbol stays as it
  is. One row for each that was added. Locks the new rows.
*/
WITH added AS (
    INSERT INTO trading.markets (symbol, base, quote, tick_size, lot_size, min_price, max_price, min_quantity,
                                 max_quantity, min_notional, collar_percent, price_band_percent, maker_fee_bps,
                                 taker_fee_bps, initial_price, status, created_at, updated_at)
    SELECT symbol, base, quote, tick_size, lot_size, min_price, max_price, min_quantity, max_quantity, min_notional,
           collar_percent, price_band_percent, maker_fee_bps, taker_fee_bps, initial_price, status, ${at}, ${at}
      FROM json_populate_recordset(NULL::trading.markets, ${markets}::json)
     ORDER BY symbol
        ON CONFLICT (symbol) DO NOTHING
    RETURNING symbol
)
INSERT INTO trading.market_state (symbol)
SELECT symbol FROM added
RETURNING symbol;
