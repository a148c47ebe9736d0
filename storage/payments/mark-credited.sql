/*
  Moves the deposit ${depositId} from CONFIRMED to CREDITED. No row when it is unknown or was credited before: then
  nothing may be posted. Locks the deposit.
*/
UPDATE payments.deposits
   SET state = 'CREDITED', credited_at = ${at}
 WHERE deposit_id = ${depositId}
   AND state = 'CONFIRMED'
RETURNING deposit_id, rail, reference, user_id, asset, trim_scale(amount)::text AS amount, state, created_at,
          credited_at;
