/* The reservation ${reservationId}; no row when there is none. Locks it until the end of the transaction. */
SELECT reservation_id, kind, user_id, asset, trim_scale(remaining)::text AS remaining
  FROM ledger.reservations
 WHERE reservation_id = ${reservationId}
   FOR NO KEY UPDATE;
