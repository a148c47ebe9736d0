-- The books are held against the outside: deposits and withdrawals against their transfers, and against what the
-- custodian says.

-- What transfers moved from and to the outside: deposits, withdrawals, and whatever else touches a clearing account.
-- The rail is null where none does, the user where the other side is not as a deposit or withdrawal has it.
CREATE FUNCTION ledger.crossings()
RETURNS TABLE (transfer_id uuid, journal_id uuid, kind text, outgoing boolean, user_id uuid, asset text,
               amount numeric, rail text)
LANGUAGE sql STABLE AS $$
    SELECT posted.transfer_id, posted.journal_id, posted.kind::text, credit.kind = 'clearing',
           CASE WHEN debit.kind = 'clearing' AND credit.kind = 'available' THEN credit.owner_id
                WHEN debit.kind = 'reserved' AND credit.kind = 'clearing' THEN debit.owner_id END,
           posted.asset, posted.amount,
           CASE WHEN debit.kind = 'clearing' THEN debit.rail WHEN credit.kind = 'clearing' THEN credit.rail END
      FROM (SELECT * FROM ledger.transfers
             WHERE transfers.kind IN ('DEPOSIT', 'WITHDRAWAL')
                OR debit_account_id IN (SELECT account_id FROM ledger.accounts WHERE accounts.kind = 'clearing')
                OR credit_account_id IN (SELECT account_id FROM ledger.accounts WHERE accounts.kind = 'clearing')
           ) AS posted
      LEFT JOIN ledger.accounts AS debit ON debit.account_id = debit_account_id
      LEFT JOIN ledger.accounts AS credit ON credit.account_id = credit_account_id
$$;

-- When the custodian's statement was last held against the books.
ALTER TABLE ledger.reconciliation ADD COLUMN statement_at timestamptz;
