import anyTest, { type TestFn } from 'ava';
import { systemClock } from '../../../platform/clock.ts';
import { createIds } from '../../../platform/ids.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createStreamMetrics, startConsumer } from '../../../platform/streams/consumer.ts';
import { createEventLog } from '../../../platform/streams/event-log.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { createInbox } from '../../../services/events/inbox.ts';
import { createRefill } from '../../../services/events/refill.ts';
import { createRelay } from '../../../services/outbox/relay.ts';
import { addToOutbox, type OutboxEntry, outboxBacklog } from '../../../storage/outbox/outbox.ts';
import { createTestDatabase, type TestDatabase } from '../../_support/database.ts';
import { createTestRedis, type TestRedis } from '../../_support/redis.ts';
import { until } from '../../_support/until.ts';

const test = anyTest as TestFn<{ database: TestDatabase; own: TestRedis; stops: (() => Promise<void>)[] }>;
const newId = createIds(systemClock);
const stream = 'user-service:events';

test.beforeEach(async (t) => {
  t.context = { database: await createTestDatabase(), own: await createTestRedis(), stops: [] };
});
test.afterEach.always(async ({ context: { database, own, stops } }) => {
  await Promise.all(stops.map((stop) => stop()));
  await own.drop();
  await database.drop();
});

const entry = (aggregate: number, n: number): OutboxEntry => ({
  aggregate: `user:${aggregate}`,
  kind: 'event',
  stream,
  event: {
    id: newId(),
    type: 'test.happened',
    version: 1,
    timestamp: '2026-01-01T00:00:00.000Z',
    trace_id: 'trace',
    user_id: String(aggregate),
    payload: { n },
    metadata: { source: 'test' },
  },
});

function startRelay(
  { database, own, stops }: { database: TestDatabase; own: TestRedis; stops: (() => Promise<void>)[] },
  maxLength: number,
) {
  const none = async (): Promise<void> => undefined;
  const relay = createRelay({
    db: database.db,
    clock: systemClock,
    log: silentLogger,
    metrics: createMetrics(),
    holder: 'relay',
    events: createEventLog({ redis: own.redis, maxLength }),
    workflows: { start: none, signal: none, signalWithStart: none },
    findUnfinished: [],
    pollMs: 5,
  });
  stops.push(relay.stop);
}

test('consumer: away while its stream was trimmed, every event of the outbox has its effect once', async (t) => {
  const { database, own, stops } = t.context;
  const { db } = database;
  const { redis } = own;
  startRelay(t.context, 50);
  const effects: number[] = [];
  const consume = () => {
    const inbox = createInbox({ db, clock: systemClock, consumer: 'reader' });
    const consumer = startConsumer({
      redis,
      stream,
      group: 'reader',
      consumer: newId(),
      handle: (event) => inbox.once(event, async () => void effects.push(Number(event.payload['n']))),
      refill: createRefill(db, stream),
      log: silentLogger,
      metrics: createStreamMetrics(createMetrics()),
      limits: { inFlight: 8 },
    });
    stops.push(consumer.stop);
    return consumer;
  };
  const tell = async (from: number, to: number): Promise<void> => {
    await addToOutbox(
      db,
      Array.from({ length: to - from }, (_, n) => entry(n % 5, from + n)),
      new Date(),
    );
    await until(async () => (await outboxBacklog(db)).waiting === 0);
  };
  const first = consume();
  await tell(0, 40);
  await until(() => effects.length === 40);
  await first.stop();
  await tell(40, 1_240);
  t.true((await redis.xlen(stream)) < 400, 'the stream was trimmed');
  consume();
  await until(() => effects.length === 1_240, 20_000);
  t.deepEqual(
    effects.toSorted((a, b) => a - b),
    Array.from({ length: 1_240 }, (_, n) => n),
  );
});

test('relay: entries that commit long after younger ones, all are told, in order of their aggregates', async (t) => {
  const { database, own } = t.context;
  const { db } = database;
  startRelay(t.context, 10_000);
  // Like the row that the transactions of one aggregate queue on.
  await db.none(
    'CREATE TABLE aggregates (number int PRIMARY KEY); INSERT INTO aggregates SELECT generate_series(0, 7)',
  );
  const write = (aggregate: number, n: number): Promise<void> =>
    db.tx(async (tx) => {
      await tx.one('SELECT number FROM aggregates WHERE number = $1 FOR UPDATE', [aggregate]);
      await addToOutbox(tx, [entry(aggregate, n)], new Date());
      // Some hold their commit back while hundreds of younger entries are told.
      await tx.any('SELECT pg_sleep($1)', [n % 7 === 0 ? 0.15 : 0.001]);
    });
  await Promise.all(
    Array.from({ length: 8 }, async (_, aggregate) => {
      for (let n = 0; n < 30; n += 1) await write(aggregate, (n + aggregate * 3) % 7 === 0 ? n * 7 : n * 7 + 1);
    }),
  );
  await until(async () => (await own.redis.xlen(stream)) === 240);
  const told = (await own.redis.xrange(stream, '-', '+')).map(
    ([, fields]) => JSON.parse(fields[1]!) as { user_id: string; payload: { n: number } },
  );
  for (const [, events] of Map.groupBy(told, ({ user_id }) => user_id)) {
    const numbers = events.map(({ payload }) => payload.n);
    t.is(numbers.length, 30);
    t.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
  }
  const seqs = await db.many<{ seq: string }>('SELECT seq FROM outbox.told ORDER BY place_ms, place_no');
  const late = seqs.filter(({ seq }, index) => index > 0 && BigInt(seq) < BigInt(seqs[index - 1]!.seq));
  t.true(late.length > 0, 'some did commit late');
});
