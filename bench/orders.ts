/**
 * Orders over REST with everything running: 200 users place 1 000 orders a second of mixed types for BENCH_SECONDS (60)
 * seconds, and then for half as long beside 250 cancels a second. An open loop: arrival times are fixed beforehand, and
 * latency counts from them. Every fiftieth order is asked for until it has left PENDING. The books are checked
 * afterwards: a fast wrong run fails.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { untilQuiet } from '../test/_support/books.ts';
import { createClient } from '../test/_support/client.ts';
import { type Customer, type Load, startLoad } from '../test/_support/load.ts';
import type { System } from '../test/_support/system.ts';
import { checkSound, type Exchange, onExchange } from './_support/exchange.ts';
import { latencyRow } from './_support/latency.ts';
import { type References, referenceRows } from './_support/references.ts';
import { below, round, writeReport } from './_support/report.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 60);
const ordersPerSecond = Number(process.env['BENCH_ORDERS'] ?? 1_000);
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

interface Run {
  readonly seconds: number;
  readonly seed: number;
  /** A second, beside the orders. */
  readonly cancels: number;
}

async function measure(system: System, customers: readonly Customer[], run: Run): Promise<Measured> {
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
    ...mixed(run.cancels),
    seed: run.seed,
    onPlaced({ orderId, userId }, plannedAt, answeredAt) {
      acknowledged.push(answeredAt - plannedAt);
      if (acknowledged.length % sampleEvery !== 0) return;
      const followed = follow(orderId, userId, answeredAt);
      following.add(followed);
      void followed.finally(() => following.delete(followed));
    },
  });
  const startedAt = performance.now();
  await sleep(run.seconds * 1000);
  await load.stop();
  const elapsed = (performance.now() - startedAt) / 1000;
  await Promise.all(following);
  reader.close();
  return { load, acknowledged, visible, elapsed };
}

/** The rate of all requests, and how many of a hundred are cancels. */
function mixed(cancels: number): { readonly rate: number; readonly cancelPercent: number } {
  const rate = ordersPerSecond + cancels;
  return { rate, cancelPercent: (100 * cancels) / rate };
}

async function run({ system, customers, references }: Exchange): Promise<void> {
  const warmUp = startLoad({ targets: [system.rest], customers, ...mixed(0), seed: 1 });
  await sleep(warmUpSeconds * 1000);
  await warmUp.stop();
  const plain = await measure(system, customers, { seconds, seed: 2, cancels: 0 });
  const drainedFrom = performance.now();
  await untilQuiet(system.db, 60_000);
  const drainSeconds = (performance.now() - drainedFrom) / 1000;
  const busier = await measure(system, customers, { seconds: seconds / 2, seed: 3, cancels: ordersPerSecond / 4 });
  await untilQuiet(system.db, 60_000);
  report({ plain, busier }, references, drainSeconds);
  const loads = [warmUp, plain.load, busier.load];
  await checkSound(
    system,
    loads.flatMap((load) => load.promised()),
    loads.flatMap((load) => load.faults),
  );
}

function report(
  { plain, busier }: { readonly plain: Measured; readonly busier: Measured },
  references: References,
  drain: number,
) {
  const cancels = ordersPerSecond / 4;
  const placed = latencyRow('order acknowledged', plain.acknowledged, plain.elapsed);
  const shown = latencyRow('acknowledged → final or open state visible (sample)', plain.visible, plain.elapsed);
  const beside = latencyRow(`order acknowledged, beside ${cancels} cancels/s`, busier.acknowledged, busier.elapsed);
  const { tally } = busier.load;
  const refused = Object.values(tally.refused).reduce((sum, count) => sum + count, 0);
  const wrong = [plain, busier].reduce((sum, { load }) => sum + load.tally.retried + load.faults.length, 0);
  writeReport({
    name: 'orders',
    load:
      `open loop, 200 users, ${ordersPerSecond} orders/s for ${seconds} s after ${warmUpSeconds} s of the same, ` +
      `limit (GTC, IOC, FOK) and market orders in two markets over REST, ` +
      `every process on this machine, generator included; settled ${round(drain)} s after the end; ` +
      `then ${seconds / 2} s beside ${cancels} cancels/s (${tally.cancelled} done, ${refused} too late)`,
    goals: [
      below('p99 acknowledged, ms', placed['p99 ms'], 50),
      below('p99 acknowledged, ms, floor', placed['p99 ms'], 200),
      below('p99 acknowledged → visible, ms', shown['p99 ms'], 150),
      below('unanswered, 5xx or wrong answers', wrong, 1),
      {
        name: 'orders/s reached',
        value: placed['per second'],
        goal: ordersPerSecond,
        met: placed['per second'] >= ordersPerSecond * 0.98,
      },
    ],
    rows: [placed, shown, beside, ...referenceRows(references, placed['per second'])],
    charted: 'per second',
  });
}

await onExchange(run);
