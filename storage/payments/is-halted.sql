/* Why nothing of an asset may be sent; no row when it may. */
SELECT reason FROM payments.halted_assets WHERE asset = ${asset};
