/*
  The external reservations that hold something for ${buyerId} in ${quote} or for ${sellerId} in ${base}, oldest first.
  No rows when none do. Locks them by id.
*/
SELECT reservation_id, kind, user_id, asset, trim_scale(remaining)::text AS remaining
  FROM ledger.reservations
 WHERE kind = 'external'
   AND state = 'placed'
   AND (user_id, asset) IN ((${buyerId}, ${quote}), (${sellerId}, ${base}))
 ORDER BY reservation_id
   FOR NO KEY UPDATE;
