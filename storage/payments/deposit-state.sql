/* The state of the deposit ${depositId}; no row when unknown. Locks nothing. */
SELECT state
  FROM payments.deposits
 WHERE deposit_id = ${depositId};
