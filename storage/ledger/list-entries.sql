/*
  What moved in the accounts of ${userId} in ${asset}, newest first: ${limit} at most, before the transfer ${before}
  (null: from the newest). A transfer between the two accounts is one row for each. No rows when nothing moved. Locks
  nothing.
*/
SELECT transfers.transfer_id, transfers.journal_id, transfers.kind, transfers.reason, transfers.created_at,
       accounts.kind AS account,
       trim_scale(CASE WHEN transfers.debit_account_id = accounts.account_id THEN -transfers.amount
                       ELSE transfers.amount END)::text AS amount,
       trim_scale(CASE WHEN transfers.debit_account_id = accounts.account_id THEN transfers.debit_balance_after
                       ELSE transfers.credit_balance_after END)::text AS balance_after
  FROM ledger.accounts
 CROSS JOIN LATERAL (
           (SELECT * FROM ledger.transfers AS debits
             WHERE debits.debit_account_id = accounts.account_id
               AND (${before}::uuid IS NULL OR debits.transfer_id < ${before}::uuid)
             ORDER BY debits.transfer_id DESC
             LIMIT ${limit})
             UNION ALL
           (SELECT * FROM ledger.transfers AS credits
             WHERE credits.credit_account_id = accounts.account_id
               AND (${before}::uuid IS NULL OR credits.transfer_id < ${before}::uuid)
             ORDER BY credits.transfer_id DESC
             LIMIT ${limit})
       ) AS transfers
 WHERE accounts.owner_id = ${userId}
   AND accounts.asset = ${asset}
 ORDER BY transfers.transfer_id DESC, accounts.kind
 LIMIT ${limit};
