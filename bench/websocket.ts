/**
 * The depth of one market to 1 000 WebSocket connections, with everything running: orders that come to rest change it
 * 200 times a second for BENCH_SECONDS (30). Latency counts from the entry of the market's stream to a client's hands;
 * a client that misses a sequence fails the run. The reference, taken before, is a bare fan-out to the same clients.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { marketField, marketStream } from '../domain/trading/feed.ts';
import { silentLogger } from '../platform/log.ts';
import { openRedis } from '../platform/redis.ts';
import { findBreaks, untilQuiet } from '../test/_support/books.ts';
import { createClient } from '../test/_support/client.ts';
import { createCustomers } from '../test/_support/load.ts';
import { startSystem, type System } from '../test/_support/system.ts';
import { untilCalm } from './_support/calm.ts';
import { createRandom } from './_support/random.ts';
import { below, round, writeReport } from './_support/report.ts';
import type { ClientsOrder, Delivered, Published } from './_support/ws-clients.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 30);
const connections = 1_000;
const updatesPerSecond = 200;
const warmUpSeconds = 5;

async function tell(child: ChildProcess, order: unknown): Promise<unknown> {
  const answer = once(child, 'message');
  child.send(order as object);
  return (await answer)[0];
}

/** Opens the clients, measures while `work` goes on, and answers what they saw. */
async function measure(
  url: string,
  channel: string,
  work: () => Promise<void>,
  published: () => Promise<readonly Published[]>,
): Promise<Delivered> {
  const clients = fork(new URL('_support/ws-clients.ts', import.meta.url));
  const ask = (order: ClientsOrder) => tell(clients, order);
  try {
    await ask({ op: 'open', url, channel, connections });
    await ask({ op: 'measure' });
    await work();
    return (await ask({ op: 'report', published: await published() })) as Delivered;
  } finally {
    clients.kill();
  }
}

async function measureBare(): Promise<Delivered> {
  const server = fork(new URL('_support/bare-ws.ts', import.meta.url));
  try {
    const [port] = (await once(server, 'message')) as [number];
    return await measure(
      `ws://127.0.0.1:${port}`,
      'any',
      () => sleep((seconds * 1_000) / 3),
      async () => (await tell(server, 'published')) as readonly Published[],
    );
  } finally {
    server.kill();
  }
}

/** Orders at fixed times that come to rest: each changes one level. */
async function placeOrders(system: System, tokens: readonly string[], forSeconds: number): Promise<void> {
  const client = createClient(`${system.rest}/api/v1`);
  const random = createRandom(forSeconds);
  const sent: Promise<void>[] = [];
  const started = performance.now();
  for (let index = 0; index < forSeconds * updatesPerSecond; index += 1) {
    const due = started + (index * 1_000) / updatesPerSecond;
    if (due > performance.now()) await sleep(due - performance.now());
    const side = random.below(2) === 0 ? 'BUY' : 'SELL';
    const price = String(side === 'BUY' ? 49_000 - random.below(500) : 51_000 + random.below(500));
    const body = { symbol: 'BTC/USDT', side, order_type: 'LIMIT', price, quantity: '0.001' };
    const token = tokens[index % tokens.length];
    sent.push(
      client
        .send({ method: 'POST', path: '/orders', token, body })
        .then(({ status, body: reply }) => assert.equal(status, 201, JSON.stringify(reply))),
    );
  }
  await Promise.all(sent);
  client.close();
}

/** When the entries of the market's stream were added, by Redis' clock, which is this machine's. */
async function readPublished(system: System): Promise<readonly Published[]> {
  const redis = openRedis(system.env['REDIS_URL'] ?? '', silentLogger);
  try {
    await once(redis, 'ready');
    const entries = await redis.xrange(marketStream('BTC/USDT'), '-', '+');
    return entries.flatMap(([id, fields]) => {
      const entry = JSON.parse(fields[fields.indexOf(marketField) + 1] ?? '{}') as { readonly last_sequence?: number };
      const { last_sequence: lastSequence } = entry;
      return lastSequence === undefined ? [] : [{ lastSequence, at: Number.parseInt(id, 10) }];
    });
  } finally {
    redis.disconnect();
  }
}

/** Resident memory of a process, MiB. */
const memoryOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

async function main(): Promise<void> {
  const bare = await measureBare();
  const system = await startSystem({ LOG_LEVEL: 'warn' }, { own: ['postgres', 'redis', 'temporal'] });
  try {
    const customers = await createCustomers(system.internal, 50);
    await untilCalm(system);
    const tokens = customers.map(({ token }) => token);
    const memory: number[] = [];
    const work = async (): Promise<void> => {
      await placeOrders(system, tokens, warmUpSeconds);
      memory.push(memoryOf(system.pid('api')));
      await placeOrders(system, tokens, seconds / 2);
      memory.push(memoryOf(system.pid('api')));
      await placeOrders(system, tokens, seconds / 2);
      memory.push(memoryOf(system.pid('api')));
      await sleep(500);
    };
    const url = `${system.rest.replace('http', 'ws')}/ws`;
    const delivered = await measure(url, 'depth:BTC-USDT', work, () => readPublished(system));
    await untilQuiet(system.db, 60_000);
    report(delivered, bare, memory);
    assert.equal(delivered.gaps, 0, 'no client missed a sequence');
    assert.deepEqual(await findBreaks(system.db), [], 'the books are sound');
  } finally {
    await system.stop();
  }
}

function report(delivered: Delivered, bare: Delivered, memory: readonly number[]): void {
  const row = (measure: string, { latencies, messages }: Delivered, ofSeconds: number) => ({
    measure,
    'messages/s': round(messages / ofSeconds),
    'p50 ms': round(latencies[0]),
    'p99 ms': round(latencies[1]),
    'max ms': round(latencies[2]),
  });
  const [begun = 0, half = 0, end = 0] = memory;
  writeReport({
    name: 'websocket',
    load:
      `${connections} connections that follow the depth of one market, ${updatesPerSecond} changes a second for ` +
      `${seconds} s after ${warmUpSeconds} s of the same, merged into a message each 20 ms; orders over REST, ` +
      'every process on this machine, clients included; ' +
      `the API's memory after the warm-up, half the time and at the end: ${memory.map(round).join(', ')} MiB`,
    goals: [
      below('p99 from published to delivered, ms', delivered.latencies[1], 100),
      below('messages missed, and connections closed', delivered.gaps + delivered.closed, 1),
      below('growth of the API’s memory in the second half, share of what it had', (end - half) / begun, 0.1),
    ],
    rows: [
      row('depth of one market', delivered, seconds + warmUpSeconds),
      row('reference: a bare fan-out to the same clients, 50 messages/s', bare, seconds / 3),
    ],
    charted: 'p99 ms',
  });
}

await main();
