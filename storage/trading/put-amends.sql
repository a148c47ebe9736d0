/*
  Commits commands that amend orders, with what they need reserved; parallel arrays. One row each, in the order given:
  whether it is kept. See trading.put_amends() for what it locks.
*/
SELECT is_kept
  FROM trading.put_amends(${commandIds}::uuid[], ${symbols}::text[], ${orderIds}::uuid[], ${userIds}::uuid[],
                          ${contents}::text[], ${reserveAssets}::text[], ${reserveAmounts}::numeric[],
                          ${at}::timestamptz);
