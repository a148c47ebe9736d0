/*
  Notes that a device signed in. One row, whose is_new says that it is unlike all the user's devices before, of which
  there is one at least. Locks the device's row.
*/
INSERT INTO identity.known_devices AS d (user_id, device_hash, last_seen_at)
VALUES (${userId}, ${deviceHash}, ${at})
    ON CONFLICT (user_id, device_hash) DO UPDATE
   SET last_seen_at = greatest(d.last_seen_at, excluded.last_seen_at)
RETURNING d.xmax = 0 AND EXISTS (SELECT FROM identity.known_devices AS other
                                  WHERE other.user_id = ${userId}
                                    AND other.device_hash <> ${deviceHash}) AS is_new;
