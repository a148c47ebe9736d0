/* Ends each later statement of this transaction that takes longer than ${ms} milliseconds. Always one row. */
SELECT set_config('statement_timeout', ${ms} || 'ms', true);
