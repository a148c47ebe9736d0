/* Ends ${holder}'s lease ${name} now: the next one need not wait. Nothing happens when somebody else holds it. */
UPDATE leases.leases
   SET expires_at = '-infinity'
 WHERE leases.name = ${name}
   AND leases.holder = ${holder};
