/*
  Places orders and order lists; parallel arrays, and their rows as JSON. One row each, in the order given. See
  trading.place_orders() for what it locks.
*/
SELECT order_id, outcome
  FROM trading.place_orders(${orderIds}::uuid[], ${userIds}::uuid[], ${callerIds}::text[], ${contentHashes}::text[],
                            ${reserveAssets}::text[], ${reserveAmounts}::numeric[], ${reserveReasons}::text[],
                            ${orders}::json, ${lists}::json, ${at}::timestamptz);
