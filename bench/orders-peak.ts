/**
 * The highest rate of orders over REST with everything running: a closed loop of callers, each of which waits for its
 * answer, one order a request and then 50. There are more callers at each step, of BENCH_SECONDS (10) seconds, until
 * the rate no longer grows; a step with an error does not count. After each, how long the matcher takes to be done with
 * the last order, and settlement with the last trade. The books are checked afterwards: a fast wrong run fails.
 */
import { untilQuiet } from '../test/_support/books.ts';
import type { System } from '../test/_support/system.ts';
import { until } from '../test/_support/until.ts';
import { type ClosedLoop, createClosedLoop, type Turns } from './_support/closed-loop.ts';
import { checkSound, type Exchange, onExchange } from './_support/exchange.ts';
import { latencyRow } from './_support/latency.ts';
import { type References, referenceRows } from './_support/references.ts';
import { atLeast, below, round, writeReport } from './_support/report.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 10);
const batchSize = 50;
/** A step has to be as much faster than the best before it, or it is the last. */
const growth = 1.02;

interface Step extends Turns {
  readonly callers: number;
  readonly rate: number;
  /** From the last answer until the matcher had taken in the last order, and until the last trade was settled. */
  readonly matchedMs: number;
  readonly settledSeconds: number;
}

interface Climb {
  readonly steps: readonly Step[];
  /** The fastest without an error. */
  readonly best: Step;
}

async function climb(
  { db }: System,
  loop: ClosedLoop,
  { ordersPerRequest, callers: first }: { readonly ordersPerRequest: number; readonly callers: number },
): Promise<Climb> {
  const steps: Step[] = [];
  let best: Step | undefined;
  for (let callers = first; ; callers *= 2) {
    const turns = await loop.run({ callers, ordersPerRequest, seconds, seed: ordersPerRequest * 10_000 + callers });
    const answeredAt = performance.now();
    await until(async () => (await pending(db)) === 0, 60_000);
    const matchedMs = performance.now() - answeredAt;
    await untilQuiet(db, 300_000);
    const settledSeconds = (performance.now() - answeredAt) / 1_000;
    const step = { ...turns, callers, rate: turns.placed / turns.elapsed, matchedMs, settledSeconds };
    steps.push(step);
    const isFaster = step.errors === 0 && step.rate > growth * (best?.rate ?? 0);
    if (isFaster) best = step;
    else if (best !== undefined) return { steps, best };
    else throw new Error(`Not even ${callers} callers are served without an error: ${loop.faults[0]}`);
  }
}

const pending = async (db: System['db']): Promise<number> =>
  (await db.one<{ n: number }>("SELECT count(*)::int AS n FROM trading.orders WHERE status = 'PENDING'")).n;

async function run({ system, customers, references }: Exchange): Promise<void> {
  const loop = createClosedLoop(system.rest, customers);
  // At full speed, until what runs hot is compiled.
  await loop.run({ callers: 64, ordersPerRequest: 1, seconds: 2 * seconds, seed: 1 });
  await untilQuiet(system.db, 300_000);
  const single = await climb(system, loop, { ordersPerRequest: 1, callers: 16 });
  const batches = await climb(system, loop, { ordersPerRequest: batchSize, callers: 1 });
  loop.close();
  report(single, batches, references);
  // Where it was too much for the machine an order was refused for that, and said so.
  const wrong = loop.faults.filter((fault) => !fault.includes('UNAVAILABLE'));
  await checkSound(system, loop.promised, wrong);
}

const rowOf = (what: string, { callers, milliseconds, rate, errors, matchedMs, settledSeconds, elapsed }: Step) => ({
  ...latencyRow(`${what}, ${callers} callers`, milliseconds, elapsed),
  'per second': round(rate),
  errors,
  'matched after ms': round(matchedMs),
  'settled after s': round(settledSeconds),
});

function report(single: Climb, batches: Climb, references: References): void {
  const [one, many] = [single.best, batches.best];
  writeReport({
    name: 'orders-peak',
    load:
      `closed loop, 200 users, more callers until the rate no longer grows, ${seconds} s a step; limit (GTC, IOC, ` +
      'FOK), market and stop orders in two markets over REST, every process on this machine, generator included; ' +
      'milliseconds are those of a request',
    goals: [
      atLeast('orders/s, one a request', one.rate, 2_700),
      atLeast('orders/s, one a request, floor', one.rate, 1_000),
      atLeast('orders, one a request ÷ bare Koa requests', one.rate / references.koa['per second'], 0.2),
      atLeast(`orders/s, ${batchSize} a request`, many.rate, 4_000),
      below('ms until the last order is matched', Math.max(one.matchedMs, many.matchedMs), 1_000),
      below('s until the last trade is settled', Math.max(one.settledSeconds, many.settledSeconds), 60),
    ],
    rows: [
      ...single.steps.map((step) => rowOf('one a request', step)),
      ...batches.steps.map((step) => rowOf(`${batchSize} a request`, step)),
      ...referenceRows(references, one.rate),
    ],
    charted: 'per second',
  });
}

await onExchange(run);
