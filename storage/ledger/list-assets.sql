/* Every asset with its scale, by name. No rows before the first is added. Locks nothing. */
SELECT asset, scale, name
  FROM ledger.assets
 ORDER BY asset;
