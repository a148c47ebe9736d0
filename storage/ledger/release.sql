/*
  Gives reserved funds back; parallel arrays ${transferIds}, ${reservationIds}, ${amounts}, ${reasons}. One empty row.
  Locks reservations by id, then accounts by id.
*/
SELECT ledger.release(${transferIds}::uuid[], ${reservationIds}::uuid[], ${amounts}::numeric[], ${reasons}::text[],
                      ${at});
