/*
  Adds assets (parallel arrays ${assets}, ${scales}, ${names}); known ones stay as they are. One row for each that was
  added. Locks the new rows.
*/
INSERT INTO ledger.assets (asset, scale, name)
SELECT * FROM unnest(${assets}::text[], ${scales}::integer[], ${names}::text[])
    ON CONFLICT DO NOTHING
RETURNING asset;
