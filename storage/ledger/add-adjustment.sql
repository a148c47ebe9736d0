/*
  Adds a request. No row when this member of the staff has one under the same client id (waits for a rival's commit).
  Locks the new row.
*/
INSERT INTO ledger.adjustments
    (adjustment_id, requested_by, client_adjustment_id, user_id, asset, amount, direction, reason, reference,
     created_at)
VALUES
    (${adjustmentId}, ${requestedBy}, ${clientAdjustmentId}, ${userId}, ${asset}, ${amount}, ${direction}, ${reason},
     ${reference}, ${at})
    ON CONFLICT (requested_by, client_adjustment_id) DO NOTHING
RETURNING adjustment_id, requested_by, client_adjustment_id, user_id, asset, trim_scale(amount)::text AS amount,
       direction, reason, reference, state, ended_reason, ended_at, created_at;
