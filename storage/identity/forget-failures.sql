/* Forgets the failures at an address: a success resets the count. Returns nothing. Locks the address' row. */
DELETE FROM identity.login_failures
 WHERE address_hash = ${addressHash};
