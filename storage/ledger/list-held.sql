/* What the reservations of ${kind} hold, those that hold something. Reads all reservations. Locks nothing. */
SELECT reservation_id, asset, trim_scale(remaining)::text AS remaining
  FROM ledger.reservations
 WHERE state = 'placed' AND kind = ${kind};
