/*
  What the market ${symbol} was opened with, prices and quantities as whole ticks and lots: where its journal begins.
  Locks nothing.
*/
SELECT status,
       ceil(min_price / tick_size)::bigint AS min_ticks,
       floor(max_price / tick_size)::bigint AS max_ticks,
       ceil(min_quantity / lot_size)::bigint AS min_lots,
       floor(max_quantity / lot_size)::bigint AS max_lots
  FROM trading.market_versions
 WHERE symbol = ${symbol}
   AND version = 1;
