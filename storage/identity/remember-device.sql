/* Notes that a device signed in. Returns nothing. Locks its row. */
INSERT INTO identity.known_devices AS d (user_id, device_hash, last_seen_at)
VALUES (${userId}, ${deviceHash}, ${at})
    ON CONFLICT (user_id, device_hash) DO UPDATE
   SET last_seen_at = greatest(d.last_seen_at, excluded.last_seen_at);
