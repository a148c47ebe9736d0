import type { PublishLiabilities } from '../services/ledger/liabilities.ts';
import type { KeepPartitions } from '../services/operations/partitions.ts';
import type { ExpireDayOrders } from '../services/trading/expiring.ts';

export interface OperationsActivityDeps {
  readonly keepPartitions: KeepPartitions;
  readonly expireDayOrders: ExpireDayOrders;
  readonly publishLiabilities: PublishLiabilities;
}

/** What runs by the clock: each finds for itself what there is to do, and is safe to repeat. */
export const createOperationsActivities = ({
  keepPartitions,
  expireDayOrders,
  publishLiabilities,
}: OperationsActivityDeps) => ({
  keepPartitions: () => keepPartitions(),
  /** Answers how many markets were woken. */
  expireDayOrders: () => expireDayOrders(),
  publishLiabilities: () => publishLiabilities(),
});

export type OperationsActivities = ReturnType<typeof createOperationsActivities>;
