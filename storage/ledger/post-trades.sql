/*
  Posts trades of one market; parallel arrays. ${buyerReservations} and ${sellerReservations} may hold nulls: drawn
  already. One row: for how many milliseconds the accounts were locked. Locks reservations by id, then accounts by id.
  A trade posted before breaks transfers_pkey.
*/
SELECT ledger.post_trades(${tradeIds}::uuid[], ${base}::text, ${quote}::text, ${buyerIds}::uuid[], ${sellerIds}::uuid[],
                          ${buyerReservations}::uuid[], ${sellerReservations}::uuid[], ${baseAmounts}::numeric[],
                          ${quoteAmounts}::numeric[], ${buyerFees}::numeric[], ${sellerFees}::numeric[],
                          ${buyerReleases}::numeric[], ${at}::timestamptz) AS locked_ms;
