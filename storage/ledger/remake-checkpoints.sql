/*
  Makes the checkpoints from all transfers up to ${to}. Always one row. Locks the row of the reconciliation, then all
  checkpoints. Reads everything.
*/
WITH moved_on AS (
    UPDATE ledger.reconciliation SET through = ${to} RETURNING through
), summed AS (
    SELECT account_id, sum(change) AS moved
      FROM (SELECT credit_account_id, amount FROM ledger.transfers WHERE created_at <= ${to}
             UNION ALL
            SELECT debit_account_id, -amount FROM ledger.transfers WHERE created_at <= ${to}
           ) AS entry (account_id, change)
     GROUP BY account_id
), gone AS (
    DELETE FROM ledger.checkpoints WHERE account_id NOT IN (SELECT account_id FROM summed)
), made AS (
    INSERT INTO ledger.checkpoints (account_id, moved)
    SELECT account_id, moved FROM summed, moved_on
        ON CONFLICT (account_id) DO UPDATE SET moved = excluded.moved WHERE checkpoints.moved <> excluded.moved
)
SELECT through FROM moved_on;
