/** A consumer as a process of its own, for tests that freeze it: its effect is a row of `effects` for each event. */
import { Redis } from 'ioredis';
import { systemClock } from '../../platform/clock.ts';
import { silentLogger } from '../../platform/log.ts';
import { createStreamMetrics, startConsumer } from '../../platform/streams/consumer.ts';
import { createMetrics } from '../../platform/telemetry.ts';
import { pause } from '../../platform/wait.ts';
import { createInbox } from '../../services/events/inbox.ts';
import { openDatabase } from '../../storage/db.ts';

const [stream = '', group = '', consumer = ''] = process.argv.slice(2);
const { db } = openDatabase({
  connectionString: process.env['DATABASE_URL'] ?? '',
  poolSize: 8,
  applicationName: consumer,
  statementTimeoutMs: 30_000,
});
const inbox = createInbox({ db, clock: systemClock, consumer: group });
startConsumer({
  redis: new Redis(process.env['REDIS_URL'] ?? ''),
  stream,
  group,
  consumer,
  keyOf: ({ id }) => id,
  handle: (event) =>
    inbox.once(event, async (tx) => {
      await tx.none('INSERT INTO effects (event_id, by) VALUES ($1, $2)', [event.id, consumer]);
      // Long enough to be frozen in the midst of it.
      await pause(5);
    }),
  log: silentLogger,
  metrics: createStreamMetrics(createMetrics()),
  limits: { inFlight: 8, claimIdleMs: 500, claimEveryMs: 100 },
});
