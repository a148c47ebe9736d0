import { systemClock } from '../platform/clock.ts';
import { redisUrl } from '../platform/config/config.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { openRedis } from '../platform/redis.ts';
import { createEventLog } from '../platform/streams/event-log.ts';
import { listenForKicks } from '../services/outbox/kick.ts';
import { createRelay } from '../services/outbox/relay.ts';
import { createTemporalClient } from '../temporal/client.ts';
import { createWorkflowStarter } from '../temporal/starter.ts';
import type { WorkerParts } from './parts.ts';

/** Entries a stream of events keeps, about; those of a week are in PostgreSQL. */
const streamLength = 10_000;

/** Runs the outbox relay in this process; it stands by while another process' relay is active. */
export function startRelay(
  { config, log, db, redis, exchange, metrics, holder }: WorkerParts,
  lifecycle: Lifecycle,
): void {
  const { client, close } = createTemporalClient(config.temporal);
  lifecycle.onStop('temporal client', close);
  const subscriber = openRedis(redisUrl(config), log, { blocking: true });
  lifecycle.onStop('outbox kicks', async () => subscriber.disconnect());
  const relay = createRelay({
    db,
    clock: systemClock,
    log,
    metrics,
    holder,
    events: createEventLog({ redis, maxLength: streamLength }),
    workflows: createWorkflowStarter(client),
    findUnfinished: [
      exchange.compliance.reviewSteps.findUnfinished,
      exchange.identity.registrationSteps.findWaiting,
      exchange.deposits.findUncredited,
      exchange.withdrawals.steps.findUnfinished,
      exchange.trading.cancelTimers.findOverlooked,
      exchange.breakCases.findOpen,
      exchange.adjustments.steps.findUnfinished,
    ],
  });
  lifecycle.onStop('relay', () => relay.stop());
  listenForKicks(subscriber, relay);
}
