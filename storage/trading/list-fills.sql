/*
  What ${userId} traded, newest first, at most ${limit}; in ${symbol} only unless null, and only trades before the id
  ${before} unless null. A trade never has one user on both sides. Locks nothing.
*/
SELECT *
  FROM (
           (SELECT *, true AS is_buyer
              FROM trading.trades
             WHERE buyer_user_id = ${userId}
               AND (${symbol} IS NULL OR symbol = ${symbol})
               AND (${before} IS NULL OR trade_id < ${before}::uuid)
             ORDER BY trade_id DESC
             LIMIT ${limit})
             UNION ALL
           (SELECT *, false AS is_buyer
              FROM trading.trades
             WHERE seller_user_id = ${userId}
               AND (${symbol} IS NULL OR symbol = ${symbol})
               AND (${before} IS NULL OR trade_id < ${before}::uuid)
             ORDER BY trade_id DESC
             LIMIT ${limit})
       ) AS fills
 ORDER BY trade_id DESC
 LIMIT ${limit};
