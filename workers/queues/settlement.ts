import { createExceptionActivities, createSettlementActivities } from '../../activities/settlement.ts';
import type { Serving } from '../../temporal/worker.ts';
import type { WorkerParts } from '../parts.ts';

/** Settlement: posts what the matchers committed. */
export const settlementQueue = ({ exchange }: WorkerParts): Serving => ({
  queue: 'settlement',
  activities: {
    ...createSettlementActivities(exchange.settlement),
    ...createExceptionActivities(exchange.settlementExceptions),
  },
});
