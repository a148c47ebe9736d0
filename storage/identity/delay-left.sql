/* Until when tries at an address are delayed; no row when nothing failed there. */
SELECT delayed_until
  FROM identity.login_failures
 WHERE address_hash = ${addressHash};
