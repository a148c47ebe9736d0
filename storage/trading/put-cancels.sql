/*
  Commits commands that cancel orders: parallel arrays ${commandIds}, ${orderIds}, ${userIds}; made ${at}. One row for
  each order that is that user's. See trading.put_cancels().
*/
SELECT command_id, symbol, status
  FROM trading.put_cancels(${commandIds}::uuid[], ${orderIds}::uuid[], ${userIds}::uuid[], ${at}::timestamptz);
