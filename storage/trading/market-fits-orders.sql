/*
  Whether all orders of ${symbol} that are not final stay below 2^53 in ticks of ${tickSize}, lots of ${lotSize} and
  ticks × lots, whatever they trade at up to ${maxPrice}. Locks nothing.
*/
SELECT coalesce(sum(quantity) / ${lotSize}::numeric < 2::numeric ^ 53
                AND max(greatest(quantity * greatest(${maxPrice}::numeric, price, protection_price, stop_price,
                                                     reserve_price), executed_quote, quote_quantity))
                    / (${tickSize}::numeric * ${lotSize}::numeric) < 2::numeric ^ 53, true) AS fits
  FROM trading.orders
 WHERE symbol = ${symbol}
   AND status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED');
