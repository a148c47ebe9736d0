/* Until the transaction ends, whoever keeps what another full check found waits. Always one row. */
SELECT FROM ledger.reconciliation FOR NO KEY UPDATE;
