/*
  Draws on reservations for a settlement; parallel arrays ${ids}, ${userIds}, ${assets}, ${amounts}. One empty row.
  Locks the reservations by id.
*/
SELECT ledger.draw(${ids}::uuid[], ${userIds}::uuid[], ${assets}::text[], ${amounts}::numeric[],
                   array_fill('settled'::text, ARRAY[cardinality(${ids}::uuid[])]));
