/* Whether the transfer ${transferId} was posted. Always one row. Locks nothing. */
SELECT EXISTS (SELECT FROM ledger.transfers WHERE transfer_id = ${transferId}) AS posted;
