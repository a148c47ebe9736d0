/* Why nothing of an asset may be sent, by whoever halted it or all assets; no row when it may. Locks nothing. */
SELECT reason FROM payments.halted_assets WHERE asset IN (${asset}, '*') LIMIT 1;
