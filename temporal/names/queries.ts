import { defineQuery } from '@temporalio/workflow';

/** How far a market is settled, as data. */
export const statusQuery = defineQuery<object>('status');
