/*
  Gives back what the trade was to spend: ${quoteAmount} and ${buyerRelease} to the reservation ${buyerReservationId},
  ${baseAmount} to ${sellerReservationId}; ${transferIds} are the two transfers'. One empty row. Locks reservations by
  id, then accounts by id. Errors as ledger.draw().
*/
SELECT ledger.release(${transferIds}::uuid[], ARRAY[${buyerReservationId}, ${sellerReservationId}]::uuid[],
                      ARRAY[${quoteAmount}::numeric + ${buyerRelease}::numeric, ${baseAmount}::numeric],
                      ARRAY['TRADE_BUSTED', 'TRADE_BUSTED'], ${at}, 'BUST');
