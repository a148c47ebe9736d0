/**
 * Orders over REST with everything running: 200 users place 1 000 orders a second of mixed types and cancel some, for
 * BENCH_SECONDS (60) seconds. An open loop: arrival times are fixed beforehand, and latency counts from them. Every
 * fiftieth order is asked for until it has left PENDING. The books are checked afterwards: a fast wrong run fails.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { findBreaks, untilQuiet } from '../test/_support/books.ts';
import { createClient } from '../test/_support/client.ts';
import { createCustomers, type Customer, type Load, startLoad } from '../test/_support/load.ts';
import { startSystem, type System } from '../test/_support/system.ts';
import { untilCalm } from './_support/calm.ts';
import { latencyRow } from './_support/latency.ts';
import { measureBareKoa, measurePgbench } from './_support/references.ts';
import { below, round, writeReport } from './_support/report.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 60);
const ordersPerSecond = Number(process.env['BENCH_ORDERS'] ?? 1_000);
/** One request in five is a cancel. */
const requestsPerSecond = ordersPerSecond * 1.25;
const sampleEvery = 50;
/** At the full rate, until what runs hot is compiled. */
const warmUpSeconds = 20;

interface Measured {
  readonly load: Load;
  readonly acknowledged: readonly number[];
  /** From the acknowledgement to the first answer that shows another status than PENDING. */
  readonly visible: readonly number[];
  /** Seconds until the last answer. */
  readonly elapsed: number;
}

async function measure(system: System, customers: readonly Customer[]): Promise<Measured> {
  const acknowledged: number[] = [];
  const visible: number[] = [];
  const following = new Set<Promise<void>>();
  const reader = createClient(`${system.rest}/api/v1`);
  const tokens = new Map(customers.map(({ userId, token }) => [userId, token]));

  async function follow(orderId: string, userId: string, since: number): Promise<void> {
    const token = tokens.get(userId);
    // Gaps that grow: many who ask all the time would be a load of their own.
    for (let gap = 5; ; gap *= 1.3) {
      const reply = await reader.send({ method: 'GET', path: `/orders/${orderId}`, token }).catch(() => undefined);
      if (reply?.status === 200 && reply.body['status'] !== 'PENDING') break;
      await sleep(gap);
    }
    visible.push(performance.now() - since);
  }

  const load = startLoad({
    targets: [system.rest],
    customers,
    rate: requestsPerSecond,
    seed: 2,
    onPlaced({ orderId, userId }, plannedAt, answeredAt) {
      acknowledged.push(answeredAt - plannedAt);
      if (acknowledged.length % sampleEvery !== 0) return;
      const followed = follow(orderId, userId, answeredAt);
      following.add(followed);
      void followed.finally(() => following.delete(followed));
    },
  });
  const startedAt = performance.now();
  await sleep(seconds * 1000);
  await load.stop();
  const elapsed = (performance.now() - startedAt) / 1000;
  await Promise.all(following);
  reader.close();
  return { load, acknowledged, visible, elapsed };
}

async function main(): Promise<void> {
  const system = await startSystem({ LOG_LEVEL: 'warn' }, { own: ['postgres', 'redis', 'temporal'] });
  try {
    const customers = await createCustomers(system.internal, 200);
    await untilCalm(system);
    const koa = await measureBareKoa();
    const pgbench = await measurePgbench(system.env['DATABASE_URL'] ?? '');
    const warmUp = startLoad({ targets: [system.rest], customers, rate: requestsPerSecond, seed: 1 });
    await sleep(warmUpSeconds * 1000);
    await warmUp.stop();
    const measured = await measure(system, customers);
    const { load } = measured;
    const drainedFrom = performance.now();
    await untilQuiet(system.db, 60_000);
    const drainSeconds = (performance.now() - drainedFrom) / 1000;
    report(measured, koa, pgbench, drainSeconds);
    const promised = [...warmUp.promised(), ...load.promised()];
    const faults = [...load.faults.slice(0, 5), ...(await findBreaks(system.db, promised)).slice(0, 10)];
    assert.deepEqual(faults, [], 'the books are sound and no order is lost');
  } finally {
    await system.stop();
  }
}

type References = Awaited<ReturnType<typeof measureBareKoa>>;

function report(
  { load, acknowledged, visible, elapsed }: Measured,
  koa: References,
  pgbench: number | undefined,
  drain: number,
) {
  const placed = latencyRow('order acknowledged', acknowledged, elapsed);
  const shown = latencyRow('acknowledged → final or open state visible (sample)', visible, elapsed);
  const none = { 'p50 ms': '–', 'p99 ms': '–', 'max ms': '–' };
  const { tally, faults } = load;
  const ratio = (reference: number): number => round(placed['per second'] / reference);
  const refused = Object.values(tally.refused).reduce((sum, count) => sum + count, 0);
  writeReport({
    name: 'orders',
    load:
      `open loop, 200 users, ${ordersPerSecond} orders/s and ${ordersPerSecond / 4} cancels/s for ${seconds} s ` +
      `after ${warmUpSeconds} s of the same, ` +
      `limit (GTC, IOC, FOK) and market orders in two markets over REST, ` +
      `every process on this machine, generator included; ` +
      `${tally.cancelled} cancelled, ${refused} too late for it; settled ${round(drain)} s after the end`,
    goals: [
      below('p99 acknowledged, ms', placed['p99 ms'], 50),
      below('p99 acknowledged, ms, floor', placed['p99 ms'], 200),
      below('p99 acknowledged → visible, ms', shown['p99 ms'], 150),
      below('unanswered, 5xx or wrong answers', tally.retried + faults.length, 1),
      {
        name: 'orders/s reached',
        value: placed['per second'],
        goal: ordersPerSecond,
        met: placed['per second'] >= ordersPerSecond * 0.98,
      },
    ],
    rows: [
      placed,
      shown,
      koa,
      ...(pgbench === undefined
        ? []
        : [{ measure: 'reference: pgbench -N, 8 clients', 'per second': round(pgbench), ...none }]),
      { measure: 'orders ÷ bare Koa requests', 'per second': ratio(koa['per second']), ...none },
      ...(pgbench === undefined ? [] : [{ measure: 'orders ÷ pgbench', 'per second': ratio(pgbench), ...none }]),
    ],
    charted: 'per second',
  });
}

await main();
