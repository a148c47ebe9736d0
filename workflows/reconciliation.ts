import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { OperationsActivities } from '../activities/operations.ts';

const { wantFullCheck } = proxyActivities<OperationsActivities>({
  startToCloseTimeout: '30s',
  retry: { maximumInterval: '1m' },
});

/** Has all books checked, by schedule. The reconciler does it, and opens a case of its own for what it finds. */
export async function reconciliation(): Promise<void> {
  await wantFullCheck();
  setCurrentDetails('### Reconciliation\n\nA full check was asked for. What it finds has a case of its own.');
}
