import { isMailAway } from '../gateways/mail/smtp.ts';
import { systemClock } from '../platform/clock.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { type ConsumerOptions, createStreamMetrics, startConsumer } from '../platform/streams/consumer.ts';
import { createInbox } from '../services/events/inbox.ts';
import { createRefill } from '../services/events/refill.ts';
import { userStream } from '../services/identity/records.ts';
import { runLeased } from '../services/leased.ts';
import { createMonitoring, monitoringGroup } from '../services/monitoring/monitoring.ts';
import { createNotifications, notificationGroup } from '../services/notifications/notifications.ts';
import { isDatabaseAway } from '../storage/db.ts';
import { listTradesAfter } from '../storage/trading/matching-trades.ts';
import type { WorkerParts } from './parts.ts';

/** Mails on their way at once. */
const mailsAtOnce = 8;
/** Trades that may wait for one commit of their counts. */
const tradesAtOnce = 2_000;

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Consumes the events: notification in every process, as a group; monitoring in one at a time. */
export function startConsumers(parts: WorkerParts, lifecycle: Lifecycle): void {
  const { db, redis, log, metrics, holder, mail, exchange } = parts;
  const isPassing = (error: unknown): boolean => isDatabaseAway(error) || isMailAway(error);
  const common = { redis, log, consumer: holder, metrics: createStreamMetrics(metrics), isPassing };
  const users = { ...common, stream: userStream, refill: createRefill(db, userStream) };
  const inboxOf = (consumer: string) => createInbox({ db, clock: systemClock, consumer });

  const notifications = startConsumer({
    ...users,
    group: notificationGroup,
    handle: createNotifications({ inbox: inboxOf(notificationGroup), mail, identity: exchange.identity }),
    limits: { inFlight: mailsAtOnce },
  });
  lifecycle.onStop('notification', () => notifications.stop());

  const monitoring = createMonitoring({ db, log, metrics, inbox: inboxOf(monitoringGroup), listTradesAfter });
  const counted: readonly ConsumerOptions[] = [
    { ...users, group: monitoringGroup, handle: monitoring.user, limits: { inFlight: mailsAtOnce } },
    {
      ...common,
      stream: 'trade.events',
      group: monitoringGroup,
      handle: monitoring.trade,
      // Their numbers order them; one commit is for many.
      keyOf: ({ id }) => id,
      limits: { inFlight: tradesAtOnce },
    },
  ];
  const leased = runLeased({ db, log, lease: { name: 'monitoring', holder } }, async (held) => {
    const consumers = counted.map(startConsumer);
    await untilAborted(held);
    await Promise.all(consumers.map((each) => each.stop()));
  });
  lifecycle.onStop('monitoring', () => leased.stop());
}
