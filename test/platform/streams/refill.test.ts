import { randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { silentLogger } from '../../../platform/log.ts';
import { type ConsumerOptions, createStreamMetrics, startConsumer } from '../../../platform/streams/consumer.ts';
import { onlyGroupField } from '../../../platform/streams/entries.ts';
import type { EventEnvelope } from '../../../platform/streams/envelope.ts';
import { createStreamProducer, eventField } from '../../../platform/streams/producer.ts';
import { compareStreamIds } from '../../../platform/streams/stream-ids.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { servers } from '../../_support/servers.ts';
import { until } from '../../_support/until.ts';

const group = 'readers';
const metrics = createStreamMetrics(createMetrics());

const event = (n: number): EventEnvelope => ({
  id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  type: 'test.happened',
  version: 1,
  timestamp: '2026-01-01T00:00:00.000Z',
  trace_id: 'trace',
  user_id: `user ${n % 4}`,
  payload: { n },
  metadata: { source: 'test' },
});
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

/** A stream whose events are also known elsewhere, by their places, as those of an outbox are. */
function prepare(t: ExecutionContext) {
  const redis = new Redis(servers.redisUrl());
  const stream = `test:${randomUUID()}`;
  const producer = createStreamProducer({ redis, maxLength: 10_000 });
  const known: { place: string; event: EventEnvelope }[] = [];
  const stops: (() => Promise<void>)[] = [];
  t.teardown(async () => {
    await Promise.all(stops.map((stop) => stop()));
    await redis.del(stream, `${stream}.dlq`);
    redis.disconnect();
  });
  return {
    redis,
    stream,
    async publish(numbers: readonly number[]): Promise<void> {
      const events = numbers.map(event);
      const places = await producer.publishAll(stream, events);
      known.push(...places.map((place, index) => ({ place, event: events[index]! })));
    },
    consume(handle: (n: number) => Promise<void>, more: Partial<ConsumerOptions> = {}) {
      const consumer = startConsumer({
        redis,
        stream,
        group,
        consumer: randomUUID(),
        log: silentLogger,
        metrics,
        handle: ({ payload }) => handle(Number(payload['n'])),
        async *refill(before) {
          const earlier = known.filter(({ place }) => compareStreamIds(place, before) < 0);
          yield earlier.map((each) => each.event);
        },
        ...more,
        limits: { firstRetryMs: 1, claimEveryMs: 50, ...more.limits },
      });
      stops.push(consumer.stop);
      return consumer;
    },
    /** -1 before there is a group. */
    async pending(): Promise<number> {
      const [count] = (await redis.xpending(stream, group).catch(() => [-1])) as [number];
      return count;
    },
  };
}

test('startConsumer: its stream was trimmed below it, what is missing comes before any acknowledgement', async (t) => {
  const { redis, stream, publish, consume, pending } = prepare(t);
  const seen: number[] = [];
  await publish(range(0, 10));
  const first = consume(async (n) => void seen.push(n));
  await until(async () => seen.length === 10 && (await pending()) === 0);
  await first.stop();
  await publish(range(10, 500));
  await redis.xtrim(stream, 'MAXLEN', '=', 100);
  let acknowledgedEarly = false;
  consume(async (n) => {
    seen.push(n);
    if (n === 300) acknowledgedEarly = (await pending()) < 100;
  });
  await until(() => new Set(seen).size === 500);
  await until(async () => (await pending()) === 0);
  t.false(acknowledgedEarly);
  t.deepEqual(
    [...new Set(seen)].toSorted((a, b) => a - b),
    range(0, 500),
  );
});

test('startConsumer: it ends while missing events are handled, the next one handles them', async (t) => {
  const { redis, stream, publish, consume, pending } = prepare(t);
  const seen = new Set<number>();
  await publish(range(0, 20));
  await redis.xtrim(stream, 'MAXLEN', '=', 5);
  const first = consume(
    async (n) => {
      if (n < 15) throw new Error('PostgreSQL is away');
      seen.add(n);
    },
    { isPassing: () => true },
  );
  await until(async () => (await pending()) === 5);
  await first.stop();
  t.deepEqual([...seen], []);
  consume(async (n) => void seen.add(n), { limits: { claimIdleMs: 0 } });
  await until(() => seen.size === 20);
  t.is(await redis.exists(`${stream}.dlq`), 0);
});

test('startConsumer: entries were trimmed away that a frozen consumer took, they are handled by another', async (t) => {
  const { redis, stream, publish, consume, pending } = prepare(t);
  const seen = new Set<number>();
  await publish(range(0, 10));
  await redis.xgroup('CREATE', stream, group, '0');
  await redis.xreadgroup('GROUP', group, 'frozen', 'COUNT', 6, 'STREAMS', stream, '>');
  await redis.xtrim(stream, 'MAXLEN', '=', 2);
  consume(async (n) => void seen.add(n), { limits: { claimIdleMs: 0 } });
  await until(() => seen.size === 10);
  await until(async () => (await pending()) === 0);
  t.deepEqual([...seen].toSorted(), range(0, 10));
});

test('startConsumer: a failure that passes, is tried until it has and makes no dead letter', async (t) => {
  const { redis, stream, publish, consume } = prepare(t);
  const seen: number[] = [];
  let failures = 0;
  consume(
    async (n) => {
      if (++failures <= 8) throw new Error('away');
      seen.push(n);
    },
    { isPassing: ({ message }: Error) => message === 'away', limits: { tries: 2 } } as Partial<ConsumerOptions>,
  );
  await publish([1]);
  await until(() => seen.length === 1);
  t.is(await redis.exists(`${stream}.dlq`), 0);
});

test('startConsumer: an entry that another group is to have again, is acknowledged and not handled', async (t) => {
  const { redis, stream, consume, pending } = prepare(t);
  const seen: number[] = [];
  const add = (n: number, only: string) =>
    redis.xadd(stream, '*', eventField, JSON.stringify(event(n)), onlyGroupField, only);
  await add(1, 'others');
  await add(2, group);
  consume(async (n) => void seen.push(n));
  await until(async () => seen.length === 1 && (await pending()) === 0);
  t.deepEqual(seen, [2]);
});

test('startConsumer: an event takes longer than a dead consumer’s would, no other member handles it', async (t) => {
  const { publish, consume } = prepare(t);
  const seen: number[] = [];
  const slow = async (n: number): Promise<void> => {
    seen.push(n);
    await new Promise((resolve) => setTimeout(resolve, 600));
  };
  const limits = { claimIdleMs: 300, claimEveryMs: 50 };
  consume(slow, { limits });
  await publish([1]);
  await until(() => seen.length === 1);
  consume(slow, { limits });
  await new Promise((resolve) => setTimeout(resolve, 800));
  t.deepEqual(seen, [1]);
});
