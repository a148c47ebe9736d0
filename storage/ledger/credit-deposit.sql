/*
  Credits the deposit ${depositId}. One empty row. Locks the user's and the rail's account by id. A second credit breaks
  transfers_pkey.
*/
SELECT ledger.credit_deposit(${depositId}, ${userId}, ${asset}, ${amount}, ${rail}, ${at});
