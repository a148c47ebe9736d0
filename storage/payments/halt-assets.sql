/* Halts ${assets} in the name of the reconciliation; those it has halted stay as they are. Locks only new rows. */
INSERT INTO payments.halted_assets (asset, reason, halted_at, halted_by)
SELECT asset, ${reason}, ${at}, 'reconciliation' FROM unnest(${assets}::text[]) AS asset
    ON CONFLICT DO NOTHING;
