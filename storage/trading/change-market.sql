/*
  Gives the market in ${market} (a JSON row of trading.markets) its new rules at ${at}, all but its assets,
  keeps those of ${version}, and commits the MARKET command ${commandId} that brings the new ones into force. No row,
  and nothing happens, when the market stands at another version by now. Locks the market's row.
*/
WITH before AS (
    SELECT *
      FROM trading.markets
     WHERE symbol = (${market}::json ->> 'symbol') AND version = ${version}
       FOR NO KEY UPDATE
), kept AS (
    INSERT INTO trading.past_markets SELECT * FROM before
), changed AS (
    UPDATE trading.markets AS market
       SET tick_size = after.tick_size, lot_size = after.lot_size,
           steps_version = CASE WHEN (after.tick_size, after.lot_size) = (before.tick_size, before.lot_size)
                                THEN before.steps_version ELSE before.version + 1 END,
           min_price = after.min_price, max_price = after.max_price, min_quantity = after.min_quantity,
           max_quantity = after.max_quantity, min_notional = after.min_notional,
           collar_percent = after.collar_percent, price_band_percent = after.price_band_percent,
           maker_fee_bps = after.maker_fee_bps, taker_fee_bps = after.taker_fee_bps,
           initial_price = after.initial_price, status = after.status, version = before.version + 1, updated_at = ${at}
      FROM before, json_populate_record(NULL::trading.markets, ${market}::json) AS after
     WHERE market.symbol = before.symbol
    RETURNING market.symbol, market.version
)
INSERT INTO trading.commands (command_id, symbol, kind, market_version, created_at)
SELECT ${commandId}, symbol, 'MARKET', version, ${at}
  FROM changed
RETURNING command_id;
