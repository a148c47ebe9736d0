/**
 * A matcher that starts with 100 000 resting orders: from the start of its process, with an order in the stream that
 * crosses them, until that order's trade is committed. After an orderly stop, which gives the market back, and after
 * SIGKILL, where the lease has to run out first. The journal is replayed afterwards: its hash is the committed one.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '../platform/log.ts';
import { openRedis } from '../platform/redis.ts';
import { createLeash } from '../scripts/setup/processes.ts';
import { type Database, openDatabase } from '../storage/db.ts';
import { startOwnServer } from '../test/_support/own-servers.ts';
import { until } from '../test/_support/until.ts';
import { checkBooks } from '../test/integration/matcher/books.ts';
import { newId, seedMarket } from '../test/integration/matcher/market.ts';
import { orderOf, sendOrders, storeOrders, type Wish } from '../test/integration/matcher/wishes.ts';
import { createRandom } from './_support/random.ts';
import { atLeast, below, round, writeReport } from './_support/report.ts';

const resting = Number(process.env['BENCH_ORDERS'] ?? 100_000);
const runs = 3;
const storedAtOnce = 500;
const middle = 10_000;

interface Stand {
  readonly db: Database;
  readonly redis: ReturnType<typeof openRedis>;
  readonly users: readonly string[];
  readonly start: () => ChildProcess;
}

async function place({ db, redis, users }: Stand, wishes: readonly Wish[]): Promise<void> {
  for (let from = 0; from < wishes.length; from += storedAtOnce) {
    const orders = wishes.slice(from, from + storedAtOnce).map((wish) => orderOf(wish, users));
    await storeOrders(db, orders);
    await sendOrders(redis, orders);
  }
}

/** Bids below the middle and asks above, on 2 000 levels. */
function restingWishes(): Wish[] {
  const random = createRandom(1);
  return Array.from({ length: resting }, (_, index): Wish => {
    const away = 1 + random.below(1_000);
    const side = index % 2 === 0 ? 'BUY' : 'SELL';
    return { side, ticks: side === 'BUY' ? middle - away : middle + away, lots: 1 + random.below(20) };
  });
}

async function count({ db }: Stand, what: 'pending' | 'resting' | 'trades'): Promise<number> {
  const sql = {
    pending: "SELECT count(*)::int AS n FROM trading.orders WHERE status = 'PENDING'",
    resting: "SELECT count(*)::int AS n FROM trading.orders WHERE status IN ('OPEN', 'PARTIALLY_FILLED')",
    trades: 'SELECT coalesce(sum(trade_seq), 0)::int AS n FROM trading.market_state',
  };
  return (await db.one<{ n: number }>(sql[what])).n;
}

/** Seconds from the start of a matcher that takes over from `before` until the first trade is committed. */
async function measure(stand: Stand, before: ChildProcess, signal: 'SIGTERM' | 'SIGKILL') {
  const ended = once(before, 'exit');
  before.kill(signal);
  await ended;
  const trades = await count(stand, 'trades');
  await place(stand, [{ side: 'BUY', ticks: middle + 1_000, lots: 1 }]);
  const started = performance.now();
  const matcher = stand.start();
  while ((await count(stand, 'trades')) === trades) await sleep(5);
  return { matcher, seconds: (performance.now() - started) / 1_000 };
}

async function main(): Promise<void> {
  const leash = createLeash();
  const [postgres, redisServer, temporal] = [
    await startOwnServer(leash, 'postgres'),
    await startOwnServer(leash, 'redis'),
    await startOwnServer(leash, 'temporal'),
  ];
  const { db, close } = openDatabase({
    connectionString: postgres.url,
    poolSize: 10,
    applicationName: 'bench',
    statementTimeoutMs: 60_000,
  });
  const redis = openRedis(redisServer.url, silentLogger);
  const env = {
    ...process.env,
    APP_ENV: 'dev',
    DATABASE_URL: postgres.url,
    REDIS_URL: redisServer.url,
    TEMPORAL_ADDRESS: temporal.url,
    LOG_LEVEL: 'error',
  };
  const start = (): ChildProcess =>
    spawn(process.execPath, ['matcher/main.ts'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const users = Array.from({ length: 200 }, () => newId());
  const stand: Stand = { db, redis, users, start };
  let matcher = start();
  try {
    await seedMarket(db, users);
    await place(stand, restingWishes());
    await until(async () => (await count(stand, 'pending')) === 0, 300_000);
    const orders = await count(stand, 'resting');
    const measured: { readonly measure: string; readonly seconds: number }[] = [];
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (let run = 1; run <= runs; run += 1) {
        const taken = await measure(stand, matcher, signal);
        matcher = taken.matcher;
        const what = signal === 'SIGTERM' ? 'after an orderly stop' : 'after SIGKILL, the lease included';
        measured.push({ measure: `${what}, run ${run}`, seconds: round(taken.seconds) });
      }
    }
    matcher.kill('SIGTERM');
    await once(matcher, 'exit');
    const worst = (part: string) =>
      Math.max(...measured.filter(({ measure: name }) => name.includes(part)).map(({ seconds }) => seconds));
    writeReport({
      name: 'recovery',
      load:
        `${orders} resting orders of 200 users on 2 000 price levels of one market; ` +
        `from the start of the matcher's process to the first trade committed, the worst of ${runs}`,
      goals: [
        atLeast('resting orders', orders, resting * 0.99),
        below('s to the first match after an orderly stop', worst('orderly'), 5),
        below('s to the first match after SIGKILL', worst('SIGKILL'), 10),
      ],
      rows: measured,
      charted: 'seconds',
    });
    await checkBooks({ is: assert.equal, deepEqual: assert.deepEqual, true: assert.ok }, { database: { db } });
  } finally {
    matcher.kill('SIGKILL');
    redis.disconnect();
    await close();
    for (const server of [temporal, redisServer, postgres]) await server.drop();
    leash.close();
  }
}

await main();
