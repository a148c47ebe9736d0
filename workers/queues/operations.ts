import { createCancelTimerActivities } from '../../activities/cancel-timers.ts';
import { createOperationsActivities } from '../../activities/operations.ts';
import { systemClock } from '../../platform/clock.ts';
import { createPartitionKeeping } from '../../services/operations/partitions.ts';
import type { Serving } from '../../temporal/worker.ts';
import type { WorkerParts } from '../parts.ts';

/** What runs by the clock: partitions, the end of the day, and users' dead man's switches. */
export const operationsQueue = ({ config, db, log, exchange }: WorkerParts): Serving => ({
  queue: 'operations',
  activities: {
    ...createOperationsActivities({
      keepPartitions: createPartitionKeeping({ db, log, clock: systemClock, keepMs: config.partitions.keep }),
      expireDayOrders: exchange.trading.expireDayOrders,
    }),
    ...createCancelTimerActivities(exchange.trading.cancelTimers),
  },
});
