/*
  Takes one counted try back: it was neither a failure nor a success. Does nothing when others were counted since
  (no row). Locks the address' row.
*/
UPDATE identity.login_failures
   SET failures = failures - 1, delayed_until = ${at}, updated_at = ${at}
 WHERE address_hash = ${addressHash} AND failures = ${failures}
RETURNING failures;
