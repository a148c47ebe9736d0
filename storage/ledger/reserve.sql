/*
  Sets funds aside; parallel arrays ${ids}, ${userIds}, ${assets}, ${amounts}, ${reasons}. One row: which got theirs, in
  the order given. Locks the users' accounts by id.
*/
SELECT ledger.reserve(${ids}::uuid[], ${kind}, ${userIds}::uuid[], ${assets}::text[], ${amounts}::numeric[],
                      ${reasons}::text[], ${at}) AS granted;
