import { createAdjustmentActivities } from '../../activities/adjustments.ts';
import { createBreakCaseActivities } from '../../activities/break-cases.ts';
import { createCancelTimerActivities } from '../../activities/cancel-timers.ts';
import { createOperationsActivities } from '../../activities/operations.ts';
import { systemClock } from '../../platform/clock.ts';
import { createLiabilityPublishing } from '../../services/ledger/liabilities.ts';
import { createForgetting } from '../../services/operations/forgetting.ts';
import { createPartitionKeeping } from '../../services/operations/partitions.ts';
import type { Serving } from '../../temporal/worker.ts';
import type { WorkerParts } from '../parts.ts';

/** What runs by the clock: partitions, ends of days, books, their proof and correction, and dead man's switches. */
export const operationsQueue = ({ config, db, books, log, exchange, mail }: WorkerParts): Serving => ({
  queue: 'operations',
  activities: {
    ...createOperationsActivities({
      keepPartitions: createPartitionKeeping({ db, log, clock: systemClock, keepMs: config.partitions.keep }),
      forgetOld: createForgetting({ db, clock: systemClock }),
      expireDayOrders: exchange.trading.expireDayOrders,
      publishLiabilities: createLiabilityPublishing({
        db: books,
        log,
        clock: systemClock,
        newId: exchange.newId,
        keepMs: config.liabilities.keep,
      }),
      wantFullCheck: exchange.breakCases.wantFullCheck,
    }),
    ...createBreakCaseActivities(exchange.breakCases),
    ...createAdjustmentActivities({ steps: exchange.adjustments.steps, mail }),
    ...createCancelTimerActivities(exchange.trading.cancelTimers),
  },
});
