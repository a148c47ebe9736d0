/*
  Commits one command for each market in which ${userId} has orders that are not final (only ${symbol} unless null),
  made ${at}: all of them end, for ${reason} (null: because he says so). ${commandIds} has an id for each market there
  may be. One row a command, by symbol.
  Locks nothing but the new rows.
*/
INSERT INTO trading.commands (command_id, symbol, kind, user_id, reason, created_at)
SELECT (${commandIds}::uuid[])[row_number() OVER (ORDER BY symbol)], symbol, 'CANCEL_ALL', ${userId}, ${reason},
       ${at}
  FROM trading.markets
 WHERE symbol = coalesce(${symbol}, symbol)
   AND EXISTS (SELECT FROM trading.orders
                WHERE orders.user_id = ${userId} AND orders.symbol = markets.symbol
                  AND status IN ('PENDING', 'OPEN', 'PARTIALLY_FILLED'))
RETURNING command_id, symbol;
