import type { KeepPartitions } from '../services/operations/partitions.ts';
import type { ExpireDayOrders } from '../services/trading/expiring.ts';

export interface OperationsActivityDeps {
  readonly keepPartitions: KeepPartitions;
  readonly expireDayOrders: ExpireDayOrders;
}

/** What runs by the clock: each finds for itself what there is to do, and is safe to repeat. */
export const createOperationsActivities = ({ keepPartitions, expireDayOrders }: OperationsActivityDeps) => ({
  keepPartitions: () => keepPartitions(),
  /** Answers how many markets were woken. */
  expireDayOrders: () => expireDayOrders(),
});

export type OperationsActivities = ReturnType<typeof createOperationsActivities>;
