/*
  Commits, at ${at}, one command for each market that has open DAY orders due by then, unless one is waiting there. It
  ends them. ${commandIds} has an id for each market there may be. One row a command, by symbol. Locks nothing but the
  new rows.
*/
INSERT INTO trading.commands (command_id, symbol, kind, created_at)
SELECT (${commandIds}::uuid[])[row_number() OVER (ORDER BY symbol)], symbol, 'EXPIRE', ${at}
  FROM trading.markets
 WHERE EXISTS (SELECT FROM trading.orders
                WHERE orders.symbol = markets.symbol
                  AND status IN ('OPEN', 'PARTIALLY_FILLED')
                  AND expires_at <= ${at}::timestamptz)
   AND NOT EXISTS (SELECT FROM trading.commands AS waiting
                    WHERE waiting.symbol = markets.symbol AND waiting.kind = 'EXPIRE' AND waiting.outcome IS NULL)
RETURNING command_id, symbol;
