import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../../../platform/log.ts';
import { createEventLog } from '../../../platform/streams/event-log.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { createRelay } from '../../../services/outbox/relay.ts';
import { addToOutbox, type OutboxEntry, outboxBacklog } from '../../../storage/outbox/outbox.ts';
import { createTestDatabase } from '../../_support/database.ts';
import { createTestRedis } from '../../_support/redis.ts';
import { until } from '../../_support/until.ts';

const now = new Date('2026-01-01T00:00:00Z');
const stream = 'user-service:events';

const event = (n: number, more: { hint?: true } = {}): OutboxEntry => ({
  aggregate: `user:${n % 3}`,
  kind: 'event',
  stream,
  ...more,
  event: {
    id: `event-${n}`,
    type: 'test.happened',
    version: 1,
    timestamp: now.toISOString(),
    trace_id: 'trace',
    user_id: `${n % 3}`,
    payload: { n },
    metadata: { source: 'test' },
  },
});
const events = (from: number, to: number): OutboxEntry[] =>
  Array.from({ length: to - from }, (_, index) => event(from + index));

async function prepare(t: ExecutionContext) {
  const { db, drop } = await createTestDatabase();
  const { redis, drop: dropRedis } = await createTestRedis();
  const started: ReturnType<typeof createRelay>[] = [];
  const relay = (maxLength = 10_000) => {
    const made = createRelay({
      db,
      clock: () => now,
      log: silentLogger,
      metrics: createMetrics(),
      holder: `relay-${started.length}`,
      events: createEventLog({ redis, maxLength }),
      workflows: {
        start: async () => undefined,
        signal: async () => undefined,
        signalWithStart: async () => undefined,
      },
      findUnfinished: [],
      pollMs: 20,
    });
    started.push(made);
    return made;
  };
  t.teardown(async () => {
    await Promise.all(started.map((each) => each.stop()));
    await dropRedis();
    await drop();
  });
  const told = async (): Promise<void> => until(async () => (await outboxBacklog(db)).waiting === 0);
  const numbers = async (): Promise<number[]> =>
    (await redis.xrange(stream, '-', '+')).map(
      ([, fields]) => (JSON.parse(fields[1]!) as { payload: { n: number } }).payload.n,
    );
  return { db, redis, relay, told, numbers };
}

const ascending = (numbers: readonly number[], rest: number): boolean => {
  const own = numbers.filter((n) => n % 3 === rest);
  return own.every((n, index) => index === 0 || own[index - 1]! < n);
};

test('relay: Redis is emptied while it runs, what it told is there at the same places, then what is new', async (t) => {
  const { db, redis, relay, told, numbers } = await prepare(t);
  relay();
  await addToOutbox(db, events(0, 50), now);
  await told();
  const before = await redis.xrange(stream, '-', '+');
  await redis.flushdb();
  await addToOutbox(db, events(50, 60), now);
  await until(async () => (await redis.xlen(stream)) === 60);
  const after = await redis.xrange(stream, '-', '+');
  t.deepEqual(
    after.slice(0, 50).map(([id]) => id),
    before.map(([id]) => id),
  );
  for (const rest of [0, 1, 2]) t.true(ascending(await numbers(), rest));
});

test('relay: Redis came back without the end of a stream, the next relay tells that alone again', async (t) => {
  const { db, redis, relay, told } = await prepare(t);
  const first = relay();
  await addToOutbox(db, events(0, 20), now);
  await told();
  const dump = await redis.dumpBuffer(stream);
  await addToOutbox(db, events(20, 30), now);
  await told();
  const before = await redis.xrange(stream, '-', '+');
  await first.stop();
  await redis.restore(stream, 0, dump, 'REPLACE');
  t.is(await redis.xlen(stream), 20);
  relay();
  await until(async () => (await redis.xlen(stream)) === 30);
  const after = await redis.xrange(stream, '-', '+');
  t.deepEqual(
    after.map(([id]) => id),
    before.map(([id]) => id),
  );
});

test('relay: a stream that was trimmed, has lost nothing', async (t) => {
  const { db, redis, relay, told, numbers } = await prepare(t);
  relay();
  await addToOutbox(db, events(0, 10), now);
  await told();
  await redis.xtrim(stream, 'MAXLEN', '=', 0);
  await addToOutbox(db, events(10, 12), now);
  await told();
  t.deepEqual((await numbers()).toSorted(), [10, 11]);
});

test('event log: a stream that ends before the last place known, refuses to append', async (t) => {
  const { redis } = await prepare(t);
  const log = createEventLog({ redis, maxLength: 100 });
  const [entry] = events(0, 1);
  const { event: sent } = entry as OutboxEntry & { kind: 'event' };
  const place = await log.append(stream, sent, undefined);
  await redis.del(stream);
  await t.throwsAsync(log.append(stream, sent, place), { message: /^LOST/ });
  t.is(await redis.exists(stream), 0);
  await log.restore(stream, [{ place, event: sent }]);
  t.is(await log.lastPlace(stream), place);
  await t.notThrowsAsync(log.append(stream, sent, place));
});

test('relay: hints among what it tells, are not kept', async (t) => {
  const { db, relay, told } = await prepare(t);
  relay();
  await addToOutbox(db, [event(1), event(2, { hint: true })], now);
  await told();
  const kept = await db.many<{ id: string }>("SELECT event ->> 'id' AS id FROM outbox.told");
  t.deepEqual(kept, [{ id: 'event-1' }]);
});
