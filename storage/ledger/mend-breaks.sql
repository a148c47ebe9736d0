/* Notes of the breaks ${breakIds} that they are found no more. Locks them. */
UPDATE ledger.breaks SET state = 'mended', mended_at = ${at} WHERE break_id = ANY (${breakIds}::uuid[]);
