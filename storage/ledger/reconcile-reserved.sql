/*
  Users and assets whose reserved balance is not the sum of what their reservations hold: no rows in sound books,
  ${limit} at most. Reads everything.
*/
SELECT owner_id AS user_id, asset, trim_scale(coalesce(balance, 0))::text AS balance,
       trim_scale(coalesce(held, 0))::text AS held
  FROM (SELECT owner_id, asset, balance FROM ledger.accounts WHERE kind = 'reserved') AS reserved
  FULL JOIN (SELECT user_id AS owner_id, asset, sum(remaining) AS held
               FROM ledger.reservations
              WHERE state = 'placed'
              GROUP BY user_id, asset) AS reservations USING (owner_id, asset)
 WHERE coalesce(balance, 0) <> coalesce(held, 0)
 ORDER BY 1, 2
 LIMIT ${limit};
