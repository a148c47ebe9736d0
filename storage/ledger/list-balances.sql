/*
  What ${userId} has of each asset, or of ${assets} only (null: of all), by asset. No rows for assets never held. Locks
  nothing; both accounts are read in one statement, so they belong together.
*/
SELECT available.asset, trim_scale(available.balance)::text AS available, trim_scale(reserved.balance)::text AS reserved
  FROM ledger.accounts AS available
  JOIN ledger.accounts AS reserved USING (owner_id, asset)
 WHERE available.owner_id = ${userId}
   AND available.kind = 'available'
   AND reserved.kind = 'reserved'
   AND (${assets}::text[] IS NULL OR available.asset = ANY (${assets}::text[]))
 ORDER BY available.asset;
