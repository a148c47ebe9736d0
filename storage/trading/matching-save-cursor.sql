/* Moves the cursor of ${symbol} to ${batch}, never back. Locks that row. */
INSERT INTO trading.publish_cursor AS cursor (symbol, batch)
VALUES (${symbol}, ${batch})
ON CONFLICT (symbol) DO UPDATE
   SET batch = excluded.batch
 WHERE cursor.batch < excluded.batch;
