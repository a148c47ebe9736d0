import { randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { silentLogger } from '../../../platform/log.ts';
import {
  type ConsumerLimits,
  createStreamMetrics,
  startConsumer,
  type StreamConsumer,
} from '../../../platform/streams/consumer.ts';
import type { EventEnvelope } from '../../../platform/streams/envelope.ts';
import { createStreamProducer } from '../../../platform/streams/producer.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { until } from '../../_support/until.ts';

const group = 'readers';
const metrics = createMetrics();
const streamMetrics = createStreamMetrics(metrics);

const event = (n: number, userId: string): EventEnvelope => ({
  id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  type: 'test.happened',
  version: 1,
  timestamp: '2026-01-01T00:00:00.000Z',
  trace_id: 'trace',
  user_id: userId,
  payload: { n },
  metadata: { source: 'test' },
});

function prepare(t: ExecutionContext) {
  const redis = new Redis(process.env['TEST_REDIS_URL'] ?? '');
  const stream = `test:${randomUUID()}`;
  const consumers: StreamConsumer[] = [];
  t.teardown(async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await redis.del(stream, `${stream}.dlq`);
    redis.disconnect();
  });
  const consume = (
    handle: (event: EventEnvelope) => Promise<void>,
    limits: Partial<ConsumerLimits> = {},
    consumer = 'one',
  ): StreamConsumer => {
    const options = { redis, stream, group, consumer, handle, log: silentLogger, metrics: streamMetrics };
    const started = startConsumer({ ...options, limits: { firstRetryMs: 5, claimEveryMs: 50, ...limits } });
    consumers.push(started);
    return started;
  };
  return { redis, stream, consume, producer: createStreamProducer({ redis, maxLength: 10_000 }) };
}

const pendingOf = async (redis: Redis, stream: string): Promise<number> =>
  ((await redis.xpending(stream, group)) as [number])[0];

test('startConsumer: events of several users, each user in order and everything acknowledged', async (t) => {
  const { redis, stream, consume, producer } = prepare(t);
  const seen: Record<string, number[]> = { alice: [], bob: [] };
  const events = Array.from({ length: 400 }, (_, n) => event(n, n % 2 === 0 ? 'alice' : 'bob'));
  await producer.publishAll(stream, events);
  consume(async ({ user_id: user = '', payload }) => {
    // Later events are quicker: without lanes they would overtake.
    await new Promise((resolve) => setTimeout(resolve, Number(payload['n']) < 20 ? 20 : 0));
    seen[user]!.push(Number(payload['n']));
  });
  await until(() => seen['alice']!.length + seen['bob']!.length === 400);
  t.deepEqual(
    seen['alice'],
    events.map(({ payload }) => Number(payload['n'])).filter((n) => n % 2 === 0),
  );
  t.deepEqual(
    seen['bob'],
    events.map(({ payload }) => Number(payload['n'])).filter((n) => n % 2 === 1),
  );
  await until(async () => (await pendingOf(redis, stream)) === 0);
});

test('startConsumer: an event that fails at first, is tried again and holds up nobody else', async (t) => {
  const { stream, consume, producer } = prepare(t);
  const seen: string[] = [];
  let failures = 2;
  consume(
    async ({ user_id: user = '' }) => {
      if (user === 'alice' && failures-- > 0) throw new Error('not yet');
      seen.push(user);
    },
    { firstRetryMs: 100 },
  );
  await producer.publishAll(stream, [event(1, 'alice'), event(2, 'bob')]);
  await until(() => seen.length === 2);
  t.deepEqual(seen, ['bob', 'alice']);
});

test('startConsumer: an event that always fails, becomes a dead letter and the next one is handled', async (t) => {
  const { redis, stream, consume, producer } = prepare(t);
  const seen: number[] = [];
  consume(
    async ({ payload }) => {
      if (payload['n'] === 1) throw new Error('poison');
      seen.push(Number(payload['n']));
    },
    { tries: 3 },
  );
  await producer.publishAll(stream, [event(1, 'alice'), event(2, 'alice')]);
  await until(() => seen.length === 1);
  const letters = await redis.xrange(`${stream}.dlq`, '-', '+');
  t.is(letters.length, 1);
  const fields = letters[0]![1];
  t.is(fields[fields.indexOf('error') + 1], 'Error: poison');
  t.is(fields[fields.indexOf('tries') + 1], '3');
  t.deepEqual(JSON.parse(fields[fields.indexOf('event') + 1]!), event(1, 'alice'));
  await until(async () => (await pendingOf(redis, stream)) === 0);
});

test('startConsumer: an entry that is no envelope, becomes a dead letter at once', async (t) => {
  const { redis, stream, consume } = prepare(t);
  const seen: EventEnvelope[] = [];
  consume(async (handled) => void seen.push(handled));
  await redis.xadd(stream, '*', 'event', '{"id":1}');
  await redis.xadd(stream, '*', 'other', 'thing');
  await until(async () => (await redis.xlen(`${stream}.dlq`)) === 2);
  t.deepEqual(seen, []);
  await until(async () => (await pendingOf(redis, stream)) === 0);
});

test('startConsumer: entries a frozen consumer took, are claimed and handled by another', async (t) => {
  const { redis, stream, consume, producer } = prepare(t);
  await producer.publishAll(stream, [event(1, 'alice'), event(2, 'alice')]);
  await redis.xgroup('CREATE', stream, group, '0');
  await redis.xreadgroup('GROUP', group, 'frozen', 'COUNT', 10, 'STREAMS', stream, '>');
  const seen: number[] = [];
  consume(async ({ payload }) => void seen.push(Number(payload['n'])), { claimIdleMs: 100 });
  await until(() => seen.length === 2);
  t.deepEqual(seen, [1, 2]);
});

test('startConsumer: entries that took down their consumers again and again, become dead letters', async (t) => {
  const { redis, stream, consume, producer } = prepare(t);
  await producer.publish(stream, event(1, 'alice'));
  await redis.xgroup('CREATE', stream, group, '0');
  await redis.xreadgroup('GROUP', group, 'frozen', 'COUNT', 10, 'STREAMS', stream, '>');
  for (const consumer of ['second', 'third']) await redis.xautoclaim(stream, group, consumer, 0, '0');
  const seen: number[] = [];
  consume(async ({ payload }) => void seen.push(Number(payload['n'])), { claimIdleMs: 0, tries: 3 });
  await until(async () => (await redis.xlen(`${stream}.dlq`)) === 1);
  t.deepEqual(seen, []);
});

test('startConsumer: entries trimmed away before they were acknowledged, are counted', async (t) => {
  const { redis, stream, consume, producer } = prepare(t);
  const id = await producer.publish(stream, event(1, 'alice'));
  await redis.xgroup('CREATE', stream, group, '0');
  await redis.xreadgroup('GROUP', group, 'frozen', 'COUNT', 10, 'STREAMS', stream, '>');
  await redis.xdel(stream, id);
  consume(async () => t.fail('there is nothing to handle'), { claimIdleMs: 0 });
  const counted = async (): Promise<boolean> =>
    (await metrics.registry.metrics()).includes(`events_trimmed_total{stream="${stream}",group="${group}"} 1`);
  await until(counted);
  t.true(await counted());
});

test('startConsumer: stream and group are lost while it runs, it goes on with what comes after', async (t) => {
  const { redis, stream, consume, producer } = prepare(t);
  const seen: number[] = [];
  consume(async ({ payload }) => void seen.push(Number(payload['n'])));
  await producer.publish(stream, event(1, 'alice'));
  await until(() => seen.length === 1);
  await redis.del(stream);
  await producer.publish(stream, event(2, 'alice'));
  await until(() => seen.length === 2);
  t.deepEqual(seen, [1, 2]);
});

test('startConsumer: stopped while an event is handled, waits for it and reads nothing more', async (t) => {
  const { redis, stream, consume, producer } = prepare(t);
  const seen: number[] = [];
  let begun = false;
  const consumer = consume(async ({ payload }) => {
    begun = true;
    await new Promise((resolve) => setTimeout(resolve, 100));
    seen.push(Number(payload['n']));
  });
  await producer.publish(stream, event(1, 'alice'));
  await until(() => begun);
  await consumer.stop();
  t.deepEqual(seen, [1]);
  await producer.publish(stream, event(2, 'alice'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.deepEqual(seen, [1]);
  t.is(await pendingOf(redis, stream), 0);
});

test('publish: more events than the stream may hold, the oldest are trimmed', async (t) => {
  const { redis, stream } = prepare(t);
  const producer = createStreamProducer({ redis, maxLength: 100 });
  await producer.publishAll(
    stream,
    Array.from({ length: 1_000 }, (_, n) => event(n, 'alice')),
  );
  t.true((await redis.xlen(stream)) <= 200);
});
