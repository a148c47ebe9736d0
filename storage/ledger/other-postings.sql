/*
  Which transfers are missing or are not as they should be: parallel arrays of ${transferIds}, ${journalIds}, ${assets}
  and ${amounts}. `amount` is null for one that is missing. No rows when all agree. Locks nothing.
*/
SELECT posting.transfer_id, posting.journal_id, posting.asset, trim_scale(posting.amount)::text AS wanted,
       trim_scale(transfers.amount)::text AS amount
  FROM unnest(${transferIds}::uuid[], ${journalIds}::uuid[], ${assets}::text[], ${amounts}::numeric[])
       AS posting (transfer_id, journal_id, asset, amount)
  LEFT JOIN ledger.transfers USING (transfer_id)
 WHERE (posting.journal_id, posting.asset, posting.amount)
       IS DISTINCT FROM (transfers.journal_id, transfers.asset, transfers.amount);
