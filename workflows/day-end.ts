import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { OperationsActivities } from '../activities/operations.ts';

const { expireDayOrders } = proxyActivities<OperationsActivities>({
  startToCloseTimeout: '30s',
  retry: { maximumInterval: '30s' },
});

/** Wakes the quiet markets whose DAY orders are due. By schedule; the activity finds them itself. */
export async function dayEnd(): Promise<void> {
  const markets = await expireDayOrders();
  setCurrentDetails(`### End of the day\n\nMarkets that were woken: ${markets}.`);
}
