/*
  Takes the transfers after ${from} up to ${to} into the checkpoints. One row; none, and nothing done, when they do not
  stand at ${from} any more. Locks the row of the reconciliation, then checkpoints.
*/
WITH moved_on AS (
    UPDATE ledger.reconciliation SET through = ${to} WHERE through = ${from} RETURNING through
), taken AS (
    INSERT INTO ledger.checkpoints (account_id, moved)
    SELECT account_id, sum(change)
      FROM moved_on,
           ledger.transfers,
           LATERAL (VALUES (credit_account_id, amount), (debit_account_id, -amount)) AS entry (account_id, change)
     WHERE created_at > ${from} AND created_at <= ${to}
     GROUP BY account_id
        ON CONFLICT (account_id) DO UPDATE SET moved = checkpoints.moved + excluded.moved
)
SELECT through FROM moved_on;
