/*
  Ends an adjustment that is in review, in ${to} and for ${reason} (null: it is posted). Returns it; no row when it is
  not. Locks the row.
*/
UPDATE ledger.adjustments
   SET state = ${to}, ended_reason = ${reason}, ended_at = ${at}
 WHERE adjustment_id = ${adjustmentId} AND state = 'REVIEW'
RETURNING adjustment_id;
