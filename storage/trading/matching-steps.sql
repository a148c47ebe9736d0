/* The ticks and lots that the market ${symbol} has had up to ${version} of its rules, by version. Locks nothing. */
SELECT steps_version, trim_scale(tick_size)::text AS tick_size, trim_scale(lot_size)::text AS lot_size
  FROM trading.market_versions
 WHERE symbol = ${symbol}
   AND version = steps_version
   AND version <= ${version}
 ORDER BY version;
