/*
  Posts the adjustment ${adjustmentId}. One row: whether it could be posted; false when the user has less than she would
  lose. Locks the user's and the house's account by id. A second posting breaks transfers_pkey.
*/
SELECT ledger.adjust(${adjustmentId}, ${userId}, ${asset}, ${amount}, ${isCredit}, ${at}) AS posted;
