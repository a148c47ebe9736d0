/* The batches of ${symbol} after number ${batch}, in order, at most ${limit}. Locks nothing. */
SELECT batch, batch_time, engine_version, inputs, events
  FROM trading.journal
 WHERE symbol = ${symbol}
   AND batch > ${batch}
 ORDER BY batch
 LIMIT ${limit};
