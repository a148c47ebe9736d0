import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { OperationsActivities } from '../activities/operations.ts';

const { keepPartitions } = proxyActivities<OperationsActivities>({
  startToCloseTimeout: '10m',
  // For as long as it takes: the next run by schedule waits for this one.
  retry: { initialInterval: '10s', maximumInterval: '5m' },
});

/** Makes partitions ahead and archives old ones. By schedule; what there is to do the activity reads itself. */
export async function maintenance(): Promise<void> {
  const { made, archived, strays } = await keepPartitions();
  setCurrentDetails(
    `### Partitions\n\n${made} made, ${archived} archived, ${strays} rows left in DEFAULT partitions` +
      (strays > 0 ? ': see docs/runbooks/partitions.md.' : '.'),
  );
}
