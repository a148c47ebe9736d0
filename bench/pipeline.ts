/**
 * The matcher's pipeline: orders that are committed and reserved appear in the command stream all at once, half of them
 * cross the other half, and the clock runs until the last one is matched, committed and published. The books are
 * checked afterwards, the replayed journal included: a fast wrong run fails.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PlacedOrder } from '../domain/trading/command.ts';
import { marketField, marketStream } from '../domain/trading/feed.ts';
import { silentLogger } from '../platform/log.ts';
import { openRedis } from '../platform/redis.ts';
import { createLeash } from '../scripts/setup/processes.ts';
import { type Database, openDatabase } from '../storage/db.ts';
import { loadStoredMarket } from '../storage/trading/matching-state.ts';
import { startOwnServer } from '../test/_support/own-servers.ts';
import { until } from '../test/_support/until.ts';
import { checkBooks } from '../test/integration/matcher/books.ts';
import { openMatcher } from '../test/integration/matcher/kit.ts';
import { newId, seedMarket, stream, symbol } from '../test/integration/matcher/market.ts';
import { orderOf, sendOrders, storeOrders, type Wish } from '../test/integration/matcher/wishes.ts';
import { createRandom } from './_support/random.ts';
import { measurePgbench } from './_support/references.ts';
import { atLeast, round, writeReport } from './_support/report.ts';

const ordersPerRun = 20_000;
const runs = 3;
const storedAtOnce = 500;
const stagingStream = `${stream}:staging`;

type Redis = ReturnType<typeof openRedis>;

interface Stand {
  readonly db: Database;
  readonly redis: Redis;
  readonly users: readonly string[];
}

/** Pairs: an order that rests near the middle, and one of another user that takes it or what is better. */
function wishesOf(count: number, users: readonly string[], seed: number): Wish[] {
  const random = createRandom(seed);
  const half = users.length / 2;
  return Array.from({ length: count / 2 }, () => {
    const side = random.below(2) === 0 ? 'BUY' : 'SELL';
    const away = 1 + random.below(50);
    const pair = { ticks: side === 'BUY' ? 10_000 - away : 10_000 + away, lots: 1 + random.below(20) };
    const [maker, taker] = [users[random.below(half)], users[half + random.below(half)]];
    assert(maker !== undefined && taker !== undefined);
    return [
      { ...pair, side, user: maker },
      { ...pair, side: side === 'BUY' ? 'SELL' : 'BUY', user: taker },
    ] satisfies Wish[];
  }).flat();
}

/** Commits orders and puts them into a stream beside the matcher's. Answers the last entry's id. */
async function stage({ db, redis, users }: Stand, count: number, seed: number): Promise<string> {
  const orders = wishesOf(count, users, seed).map((wish): PlacedOrder => orderOf(wish, users));
  for (let from = 0; from < count; from += storedAtOnce) {
    const page = orders.slice(from, from + storedAtOnce);
    await storeOrders(db, page);
    await sendOrders(redis, page, stagingStream);
  }
  const [[id] = ['']] = await redis.xrevrange(stagingStream, '+', '-', 'COUNT', 1);
  return id;
}

/** The book's sequence that is published. */
async function publishedSequence(redis: Redis): Promise<unknown> {
  const [[, fields] = ['', []]] = await redis.xrevrange(marketStream(symbol), '+', '-', 'COUNT', 1);
  const entry = JSON.parse(fields[fields.indexOf(marketField) + 1] ?? '{}') as Record<string, unknown>;
  return entry['last_sequence'];
}

/** Seconds until all of them are committed, and until all are published. */
async function measure(stand: Stand, count: number, seed: number): Promise<{ committed: number; published: number }> {
  const { db, redis } = stand;
  const last = await stage(stand, count, seed);
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1_000;
  await redis.rename(stagingStream, stream);
  while ((await loadStoredMarket(db, symbol)).streamId !== last) await sleep(5);
  const committed = elapsed();
  const { bookSeq } = await loadStoredMarket(db, symbol);
  while ((await publishedSequence(redis)) !== bookSeq) await sleep(5);
  return { committed, published: elapsed() };
}

async function main(): Promise<void> {
  const leash = createLeash();
  const postgres = await startOwnServer(leash, 'postgres');
  const redisServer = await startOwnServer(leash, 'redis');
  const { db, close } = openDatabase({
    connectionString: postgres.url,
    poolSize: 10,
    applicationName: 'bench',
    statementTimeoutMs: 60_000,
  });
  const redis = openRedis(redisServer.url, silentLogger);
  try {
    const users = Array.from({ length: 200 }, () => newId());
    await seedMarket(db, users);
    const pgbench = await measurePgbench(postgres.url);
    const { matcher, stop } = openMatcher({ db }, redisServer);
    await until(() => matcher.markets.size === 1);
    const stand: Stand = { db, redis, users };
    await measure(stand, 2_000, 0);
    const measured = [];
    for (let run = 1; run <= runs; run += 1) measured.push(await measure(stand, ordersPerRun, run));
    await stop();
    report(measured, pgbench);
    await checkBooks({ is: assert.equal, deepEqual: assert.deepEqual, true: assert.ok }, { database: { db } });
  } finally {
    redis.disconnect();
    await close();
    await redisServer.drop();
    await postgres.drop();
    leash.close();
  }
}

function report(measured: readonly { committed: number; published: number }[], pgbench: number | undefined): void {
  const rows = measured.map(({ committed, published }, index) => ({
    measure: `run ${index + 1}`,
    'orders/s': round(ordersPerRun / published),
    'orders/s committed': round(ordersPerRun / committed),
  }));
  const rate = rows.map((row) => row['orders/s']).toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
  const transactions = pgbench === undefined ? undefined : round(pgbench);
  writeReport({
    name: 'pipeline',
    load:
      `${ordersPerRun} orders a run, in the stream at once, of 200 users in one market, half of them crossing; ` +
      'until matched, committed and published, median of the runs after a warm-up; PostgreSQL, Redis and the matcher ' +
      'on this machine, settlement away',
    goals: [
      atLeast('orders/s matched, committed and published', rate, 10_000),
      atLeast('orders/s matched, committed and published, floor', rate, 1_000),
      ...(pgbench === undefined ? [] : [atLeast('orders ÷ pgbench -N transactions', rate / pgbench, 3)]),
    ],
    rows: [
      ...rows,
      ...(transactions === undefined
        ? []
        : [
            {
              measure: 'reference: pgbench -N, 8 clients',
              'orders/s': transactions,
              'orders/s committed': transactions,
            },
          ]),
    ],
    charted: 'orders/s',
  });
}

await main();
