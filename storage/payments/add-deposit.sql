/*
  Notes a deposit that its rail reported; no row when this rail's reference is known, whatever it says. Waits for a
  rival that notes the same one.
*/
INSERT INTO payments.deposits (deposit_id, rail, reference, user_id, asset, amount, created_at)
VALUES (${depositId}, ${rail}, ${reference}, ${userId}, ${asset}, ${amount}, ${at})
    ON CONFLICT (rail, reference) DO NOTHING
RETURNING deposit_id, rail, reference, user_id, asset, trim_scale(amount)::text AS amount, state, created_at,
          credited_at;
