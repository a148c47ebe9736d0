/*
  Begins the snapshot ${snapshotId} of the day (UTC) of ${at}. One row, or none when that day has one. Waits for another
  that is being taken.
*/
INSERT INTO ledger.liability_snapshots (snapshot_id, day, taken_at)
VALUES (${snapshotId}, (${at}::timestamptz AT TIME ZONE 'UTC')::date, ${at})
    ON CONFLICT (day) DO NOTHING
RETURNING snapshot_id;
