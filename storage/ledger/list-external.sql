/*
  The external reservations that hold something for ${buyerId} in ${quote} or for ${sellerId} in ${base}, oldest first:
  by when they were made, since callers choose the ids. No rows when none do. Locks them by id.
*/
WITH locked AS MATERIALIZED (
    SELECT reservation_id, kind, user_id, asset, remaining, created_at
      FROM ledger.reservations
     WHERE kind = 'external'
       AND state = 'placed'
       AND (user_id, asset) IN ((${buyerId}, ${quote}), (${sellerId}, ${base}))
     ORDER BY reservation_id
       FOR NO KEY UPDATE
)
SELECT reservation_id, kind, user_id, asset, trim_scale(remaining)::text AS remaining
  FROM locked
 ORDER BY created_at, reservation_id;
