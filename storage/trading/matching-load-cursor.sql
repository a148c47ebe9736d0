/* The last published batch of ${symbol}; no row before the first. */
SELECT batch
  FROM trading.publish_cursor
 WHERE symbol = ${symbol};
