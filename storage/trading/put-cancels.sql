/*
  Commits commands that cancel orders: parallel arrays ${commandIds}, ${orderIds}, ${userIds}; made ${at}. One row for
  each order that is that user's, with its symbol and status; the command is kept only while the order is not final.
  No row for an unknown order, or somebody else's. Locks nothing but the new rows.
*/
WITH asked AS (
    SELECT cancel.command_id, cancel.user_id, orders.order_id, orders.symbol, orders.status
      FROM unnest(${commandIds}::uuid[], ${orderIds}::uuid[], ${userIds}::uuid[])
           AS cancel (command_id, order_id, user_id)
      JOIN trading.orders ON orders.order_id = cancel.order_id AND orders.user_id = cancel.user_id
), kept AS (
    INSERT INTO trading.commands (command_id, symbol, kind, order_id, user_id, created_at)
    SELECT command_id, symbol, 'CANCEL', order_id, user_id, ${at}
      FROM asked
     WHERE status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED')
)
SELECT command_id, symbol, status
  FROM asked;
