import type { PublishLiabilities } from '../services/ledger/liabilities.ts';
import type { ForgetOld } from '../services/operations/forgetting.ts';
import type { KeepPartitions, PartitionRound } from '../services/operations/partitions.ts';
import type { ExpireDayOrders } from '../services/trading/expiring.ts';

export interface OperationsActivityDeps {
  readonly keepPartitions: KeepPartitions;
  readonly forgetOld: ForgetOld;
  readonly expireDayOrders: ExpireDayOrders;
  readonly publishLiabilities: PublishLiabilities;
  /** Has the reconciler make a full check, which it does within a minute. */
  readonly wantFullCheck: () => Promise<void>;
}

/** What runs by the clock: each finds for itself what there is to do, and is safe to repeat. */
export const createOperationsActivities = ({
  keepPartitions,
  forgetOld,
  expireDayOrders,
  publishLiabilities,
  wantFullCheck,
}: OperationsActivityDeps) => ({
  /** Forgets besides what is kept for a time only. */
  async keepPartitions(): Promise<PartitionRound> {
    const round = await keepPartitions();
    await forgetOld();
    return round;
  },
  /** Answers how many markets were woken. */
  expireDayOrders: () => expireDayOrders(),
  publishLiabilities: () => publishLiabilities(),
  wantFullCheck: () => wantFullCheck(),
});

export type OperationsActivities = ReturnType<typeof createOperationsActivities>;
