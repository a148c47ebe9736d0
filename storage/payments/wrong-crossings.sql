/*
  Credited deposits and settled withdrawals beside their transfers, where either is missing or not as the other: what is
  noted here and what was posted, null where there is none. A deposit's transfer is leg 1, a withdrawal's leg 2. No rows
  in sound books, ${limit} at most. Reads all of them, and all transfers. Locks nothing.
*/
WITH noted AS (
    SELECT ledger.leg_id(deposit_id, 1) AS transfer_id, deposit_id AS journal_id, 'DEPOSIT' AS kind, false AS outgoing,
           user_id, asset, amount, rail
      FROM payments.deposits
     WHERE state = 'CREDITED'
     UNION ALL
    SELECT ledger.leg_id(withdrawal_id, 2), withdrawal_id, 'WITHDRAWAL', true, user_id, asset, amount, rail
      FROM payments.withdrawals
     WHERE state = 'SETTLED'
)
SELECT transfer_id,
       CASE WHEN noted.journal_id IS NOT NULL
            THEN json_build_object('journalId', noted.journal_id, 'kind', noted.kind, 'outgoing', noted.outgoing,
                                   'userId', noted.user_id, 'asset', noted.asset, 'rail', noted.rail,
                                   'amount', trim_scale(noted.amount)::text) END AS noted,
       CASE WHEN posted.journal_id IS NOT NULL
            THEN json_build_object('journalId', posted.journal_id, 'kind', posted.kind, 'outgoing', posted.outgoing,
                                   'userId', posted.user_id, 'asset', posted.asset, 'rail', posted.rail,
                                   'amount', trim_scale(posted.amount)::text) END AS posted
  FROM noted
  FULL JOIN ledger.crossings() AS posted USING (transfer_id)
 WHERE (noted.journal_id, noted.kind, noted.outgoing, noted.user_id, noted.asset, noted.amount, noted.rail)
       IS DISTINCT FROM
       (posted.journal_id, posted.kind, posted.outgoing, posted.user_id, posted.asset, posted.amount, posted.rail)
 ORDER BY transfer_id
 LIMIT ${limit};
