/**
 * Events through a Redis stream: published, handled by three consumers in a group (processes of their own), and
 * acknowledged. First as fast as it goes for BENCH_SECONDS (10), then 1 000 a second for as long. The reference of the
 * same run is a bare loop in place of the library: the same entries read and acknowledged by the same three processes,
 * neither parsed nor put in order. Afterwards each event was handled once, and none is pending or a dead letter.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createLeash } from '../scripts/setup/processes.ts';
import type { EventEnvelope } from '../platform/streams/envelope.ts';
import { createStreamProducer, type StreamProducer } from '../platform/streams/producer.ts';
import { startOwnServer } from '../test/_support/own-servers.ts';
import { until } from '../test/_support/until.ts';
import { latencyRow, rateRow } from './_support/latency.ts';
import { atLeast, below, writeReport } from './_support/report.ts';
import type { Handled } from './_support/stream-reader.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 10);
const steadyPerSecond = 1_000;
const members = 3;
const users = 200;
const atOnce = 500;
/** How far the publisher may be ahead: less than the stream keeps. */
const mostAhead = 20_000;
const group = 'bench';

const now = (): number => performance.timeOrigin + performance.now();

/** As large as an order's event, and of as many users as the other benchmarks have. */
const event = (n: number): EventEnvelope => ({
  id: `019a9e6e-8f6c-7d31-b4b5-${String(n).padStart(12, '0')}`,
  type: 'order.open',
  version: 1,
  timestamp: '2026-01-05T09:30:00.000Z',
  trace_id: '019a9e6e8f6c7d31b4b50a4b1d2c3e4f',
  user_id: `019a9e6e-8f6c-7d31-b4b5-${String(n % users).padStart(12, '0')}`,
  payload: {
    n,
    sent_at: now(),
    order_id: '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f',
    symbol: 'BTC/USDT',
    side: 'BUY',
    status: 'OPEN',
    filled_quantity: '0',
    executed_quote: '0',
    prevented_quantity: '0',
    updated_at: '2026-01-05T09:30:00.000Z',
  },
  metadata: { source: 'matcher' },
});

interface Trial {
  readonly redis: Redis;
  readonly url: string;
  readonly producer: StreamProducer;
}

async function startReaders(url: string, stream: string, kind: 'library' | 'bare'): Promise<readonly ChildProcess[]> {
  const readers = Array.from({ length: members }, (_, index) =>
    fork(new URL('_support/stream-reader.ts', import.meta.url), [url, stream, `reader-${index}`, kind]),
  );
  await Promise.all(readers.map((reader) => once(reader, 'message')));
  return readers;
}

/** What all readers handled since they were asked last. */
async function ask(readers: readonly ChildProcess[]): Promise<Handled> {
  const answers = readers.map(async (reader) => {
    const answer = once(reader, 'message');
    reader.send('report');
    return ((await answer) as [Handled])[0];
  });
  const all = await Promise.all(answers);
  const total = (of: (each: Handled) => number): number => all.reduce((sum, each) => sum + of(each), 0);
  return {
    events: total((each) => each.events),
    sum: total((each) => each.sum),
    squares: total((each) => each.squares),
    latencies: all.flatMap(({ latencies }) => latencies),
  };
}

/** How many entries the group has not read or not acknowledged. */
async function behind(redis: Redis, stream: string): Promise<number> {
  const [info = []] = (await redis.xinfo('GROUPS', stream)) as (string | number)[][];
  const valueOf = (name: string): number => Number(info[info.indexOf(name) + 1]);
  return valueOf('lag') + valueOf('pending');
}

/** Publishes as fast as the readers follow; answers how many and how many a second, to the last acknowledgement. */
async function flood(
  { redis, producer }: Trial,
  stream: string,
): Promise<{ readonly count: number; readonly rate: number }> {
  const begun = performance.now();
  let count = 0;
  while (performance.now() - begun < seconds * 1_000) {
    const first = count;
    await producer.publishAll(
      stream,
      Array.from({ length: atOnce }, (_, index) => event(first + index)),
    );
    count += atOnce;
    if (count % 5_000 === 0) while ((await behind(redis, stream)) > mostAhead) await sleep(5);
  }
  await until(async () => (await behind(redis, stream)) === 0, 60_000);
  return { count, rate: count / ((performance.now() - begun) / 1_000) };
}

/** One event after the other at times fixed beforehand. */
async function steady({ redis, producer }: Trial, stream: string): Promise<number> {
  const begun = performance.now();
  const count = steadyPerSecond * seconds;
  const sent: Promise<unknown>[] = [];
  for (let n = 0; n < count; n += 1) {
    const early = begun + (n * 1_000) / steadyPerSecond - performance.now();
    if (early > 0) await sleep(early);
    sent.push(producer.publish(stream, event(n)));
  }
  await Promise.all(sent);
  await until(async () => (await behind(redis, stream)) === 0, 60_000);
  return count;
}

async function check(
  { redis }: Trial,
  stream: string,
  count: number,
  { events, sum, squares }: Handled,
): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n);
  assert.equal(events, count, 'each event is handled once');
  assert.equal(sum, (count * (count - 1)) / 2);
  assert.equal(
    squares,
    numbers.reduce((total, n) => total + (n % 1_000) ** 2, 0),
  );
  assert.deepEqual(((await redis.xpending(stream, group)) as [number])[0], 0, 'everything is acknowledged');
  assert.equal(await redis.exists(`${stream}.dlq`), 0, 'nothing is a dead letter');
}

async function measure(trial: Trial) {
  const bareReaders = await startReaders(trial.url, 'bare', 'bare');
  const bare = await flood(trial, 'bare');
  for (const reader of bareReaders) reader.kill();
  await trial.redis.del('bare');

  const readers = await startReaders(trial.url, 'events', 'library');
  try {
    const fast = await flood(trial, 'events');
    await check(trial, 'events', fast.count, await ask(readers));
    const count = await steady(trial, 'events');
    const followed = await ask(readers);
    await check(trial, 'events', count, followed);
    return { bare: bare.rate, fast: fast.rate, followed };
  } finally {
    for (const reader of readers) reader.kill();
  }
}

async function main(): Promise<void> {
  const leash = createLeash();
  const server = await startOwnServer(leash, 'redis');
  const redis = new Redis(server.url);
  try {
    const producer = createStreamProducer({ redis, maxLength: 100_000 });
    const { bare, fast, followed } = await measure({ redis, url: server.url, producer });
    const latency = latencyRow(`${steadyPerSecond}/s, published until handled`, followed.latencies, seconds);
    writeReport({
      name: 'streams',
      load:
        `events of ${users} users, ${members} consumers in a group as processes of their own; as fast as it goes for ` +
        `${seconds} s, then ${steadyPerSecond}/s for ${seconds} s`,
      goals: [
        atLeast('events/s published, handled and acknowledged', fast, 20_000),
        below('p99 at 1 000/s, ms', latency['p99 ms'], 50),
      ],
      rows: [
        rateRow('as fast as it goes', fast),
        latency,
        rateRow('reference: read and acknowledged by a bare loop', bare),
        rateRow('library ÷ bare loop', fast / bare),
      ],
      charted: 'per second',
    });
  } finally {
    redis.disconnect();
    await server.drop();
    leash.close();
  }
}

await main();
