import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { OperationsActivities } from '../activities/operations.ts';

const { publishLiabilities } = proxyActivities<OperationsActivities>({
  // One statement reads all transfers.
  startToCloseTimeout: '1h',
  // For as long as the books are not sound: people mend them, and the next run by schedule waits for this one.
  retry: { initialInterval: '10s', maximumInterval: '10m' },
});

/** Publishes what users have, once a day. By schedule; the activity sees for itself whether the day has it. */
export async function liabilityProof(): Promise<void> {
  const { snapshotId, assets } = await publishLiabilities();
  setCurrentDetails(
    '### Proof of liabilities\n\n' +
      (snapshotId === undefined ? 'Today had its snapshot already.' : `Snapshot ${snapshotId}, assets: ${assets}.`),
  );
}
