/*
  Every market with its rules, their version and that which brought its steps, the version that its matcher has taken
  in, its last trade's price, and whether a matcher holds its lease; by symbol. Locks nothing.
*/
SELECT symbol, market.base, market.quote,
       trim_scale(tick_size)::text AS tick_size, trim_scale(lot_size)::text AS lot_size,
       trim_scale(min_price)::text AS min_price, trim_scale(max_price)::text AS max_price,
       trim_scale(min_quantity)::text AS min_quantity, trim_scale(max_quantity)::text AS max_quantity,
       trim_scale(min_notional)::text AS min_notional, trim_scale(collar_percent)::text AS collar_percent,
       trim_scale(price_band_percent)::text AS price_band_percent, maker_fee_bps, taker_fee_bps,
       trim_scale(initial_price)::text AS initial_price, market.status,
       market.version, market.steps_version, state.version AS version_in_force,
       trim_scale(state.last_price)::text AS last_price,
       state.lease_until > clock_timestamp() AS is_served
  FROM trading.markets AS market
  JOIN trading.market_state AS state USING (symbol)
 ORDER BY symbol;
