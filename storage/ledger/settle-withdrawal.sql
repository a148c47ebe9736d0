/*
  Pays the withdrawal ${withdrawalId} out of its reservation: ${amount} outside, the rest as the fee. One empty row.
  Locks the reservation, then accounts by id.
*/
SELECT ledger.settle_withdrawal(${withdrawalId}, ${amount}, ${rail}, ${at});
