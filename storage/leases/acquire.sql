/*
  Takes or renews the lease ${name} for ${holder}, for ${ttlMs} milliseconds of this database's clock.

  The epoch rises when the holder changes. No row when somebody else holds it. Locks that lease's row.
*/
INSERT INTO leases.leases AS lease (name, holder, epoch, expires_at)
VALUES (${name}, ${holder}, 1, clock_timestamp() + ${ttlMs} * interval '1 millisecond')
ON CONFLICT (name) DO UPDATE
   SET holder = excluded.holder,
       epoch = lease.epoch + (lease.holder <> excluded.holder)::int,
       expires_at = excluded.expires_at
 WHERE lease.holder = excluded.holder
    OR lease.expires_at < clock_timestamp()
RETURNING lease.epoch;
