/*
  Orders of ${userId}, newest first, at most ${limit}; each filter counts unless it is null: ${symbol}, ${status},
  ${side}, placed from ${start} until before ${end}, and only those before the id ${before}. Locks nothing.
  Market by market, as the index has them: markets are few.
*/
SELECT found.*
  FROM trading.markets AS market
 CROSS JOIN LATERAL (
           SELECT *
             FROM trading.orders
            WHERE orders.user_id = ${userId}
              AND orders.symbol = market.symbol
              AND (${status} IS NULL OR orders.status = ${status}::trading.order_status_enum)
              AND (${side} IS NULL OR orders.side = ${side}::trading.order_side_enum)
              AND (${before} IS NULL OR orders.order_id < ${before}::uuid)
              AND (${start} IS NULL OR orders.order_id >= partitions.first_id_at(${start}::timestamptz))
              AND (${end} IS NULL OR orders.order_id < partitions.first_id_at(${end}::timestamptz))
            ORDER BY orders.order_id DESC
            LIMIT ${limit}
       ) AS found
 WHERE ${symbol} IS NULL
    OR market.symbol = ${symbol}
 ORDER BY found.order_id DESC
 LIMIT ${limit};
