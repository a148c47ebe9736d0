/**
 * What grows with an exchange must not slow it down: orders placed through the service and orders from the stream to
 * published, in a database with 10 000 finished orders and in one with BENCH_ORDERS (1 000 000), and orders of one
 * market and of 50 on one matcher. The two that are compared take turns. What is stored was traded and settled, and
 * lies in the partitions that the new orders come to. The books are checked afterwards: a fast wrong run fails.
 */
import assert from 'node:assert/strict';
import type { OrderRequest } from '../domain/trading/placement.ts';
import { systemClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/log.ts';
import { openRedis } from '../platform/redis.ts';
import { createLeash } from '../scripts/setup/processes.ts';
import { createAssetBook } from '../services/ledger/assets.ts';
import { createBookCheck } from '../services/books.ts';
import { createTradingService } from '../services/trading/trading.ts';
import { openDatabase } from '../storage/db.ts';
import { startOwnServer } from '../test/_support/own-servers.ts';
import { until } from '../test/_support/until.ts';
import { checkBooks } from '../test/integration/matcher/books.ts';
import { openMatcher } from '../test/integration/matcher/kit.ts';
import { newId, seedMarket, symbol } from '../test/integration/matcher/market.ts';
import { addSettledTrades } from './_support/finished.ts';
import { below, round, writeReport } from './_support/report.ts';
import { crossingWishes, runStaged, type Stand } from './_support/staged.ts';

const few = 10_000;
const many = Number(process.env['BENCH_ORDERS'] ?? 1_000_000);
const ordersPerRun = 5_000;
const runs = 11;
const callers = 200;
const markets = [symbol, ...Array.from({ length: 49 }, (_, index) => `M${index + 2}/USDT`)];
/** Where what is stored was traded: the books that are measured can then be replayed from their first batch. */
const past = 'PAST/USDT';

interface Place extends Stand {
  readonly redisUrl: string;
  readonly close: () => Promise<void>;
}

/** A database of the server, and a logical Redis of the other. */
function openPlace(postgresUrl: string, redisUrl: string, users: readonly string[]): Place {
  const opened = openDatabase({
    connectionString: postgresUrl,
    poolSize: 10,
    applicationName: 'bench',
    statementTimeoutMs: 600_000,
  });
  const redis = openRedis(redisUrl, silentLogger);
  const close = async (): Promise<void> => {
    redis.disconnect();
    await opened.close();
  };
  return { db: opened.db, redis, redisUrl, users, close };
}

/** As autovacuum leaves a table that has grown; and nothing of the loading is left to be written. */
const settleDown = ({ db }: Stand): Promise<null> => db.none('VACUUM (ANALYZE)').then(() => db.none('CHECKPOINT'));

async function serve(place: Place, symbols: readonly string[]) {
  const { matcher, stop } = openMatcher(place, { url: place.redisUrl }, { symbols });
  await until(() => matcher.markets.size === symbols.length, 20_000);
  return stop;
}

/** Orders a second, placed through the service by callers who wait for their answers; matched meanwhile. */
async function measurePlacing({ db, redis, users }: Stand, seed: number): Promise<number> {
  const clock = systemClock;
  const trading = createTradingService({
    ...{ db, redis, clock, newId, log: silentLogger, assets: createAssetBook({ db }) },
    ...{ monotonicMs: () => performance.now(), batchWindowMs: 2, batchSize: 256, maxQueued: 20_000 },
  });
  const wishes = crossingWishes(ordersPerRun, users, seed).entries();
  const started = performance.now();
  async function call(): Promise<void> {
    for (const [number, { user = '', side, ticks, lots }] of wishes) {
      const [price, quantity] = [(ticks / 100).toFixed(2), (lots / 10_000).toFixed(4)];
      const clientOrderId = `growth-${seed}-${number}`;
      const order: OrderRequest = { symbol, side, orderType: 'LIMIT', price, quantity, clientOrderId };
      await trading.placing.place({ userId: user, kycStatus: 'verified' }, order, undefined);
    }
  }
  await Promise.all(Array.from({ length: callers }, call));
  const elapsed = (performance.now() - started) / 1_000;
  const open = "SELECT count(*)::int AS n FROM trading.orders WHERE status = 'PENDING'";
  await until(async () => (await db.one<{ n: number }>(open)).n === 0, 60_000);
  return ordersPerRun / elapsed;
}

const matchingRate = async (stand: Stand, symbols: readonly string[], seed: number): Promise<number> =>
  ordersPerRun / (await runStaged(stand, symbols, ordersPerRun, seed)).published;

interface Compared {
  readonly what: string;
  readonly before: number[];
  readonly after: number[];
}

/** Few and many stored orders, in turns. */
async function compareStored(small: Place, grown: Place): Promise<readonly Compared[]> {
  const stops = [await serve(small, [symbol]), await serve(grown, [symbol])];
  const placing: Compared = { what: 'orders placed through the service', before: [], after: [] };
  const matching: Compared = { what: 'orders from the stream to published', before: [], after: [] };
  // The first is a warm-up.
  for (let run = 0; run <= runs; run += 1) {
    for (const [place, column] of [
      [small, 'before'],
      [grown, 'after'],
    ] as const) {
      const rates = [await measurePlacing(place, 1 + run), await matchingRate(place, [symbol], 101 + run)] as const;
      if (run === 0) continue;
      placing[column].push(rates[0]);
      matching[column].push(rates[1]);
    }
  }
  for (const stop of stops) await stop();
  return [placing, matching];
}

/** One market and 50 on one matcher, in turns. */
async function compareMarkets(place: Place): Promise<Compared> {
  const compared: Compared = { what: 'orders from the streams to published', before: [], after: [] };
  for (let run = 0; run <= runs; run += 1) {
    for (const [symbols, column] of [
      [[symbol], 'before'],
      [markets, 'after'],
    ] as const) {
      const stop = await serve(place, symbols);
      const rate = await matchingRate(place, symbols, 201 + run);
      await stop();
      if (run > 0) compared[column].push(rate);
    }
  }
  return compared;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** How much of its rate was lost, as the median of the turns: what else the machine does changes slower than they. */
const slowdown = ({ before, after }: Compared): number =>
  1 - median(after.map((rate, turn) => rate / (before[turn] ?? NaN)));

function report(stored: readonly Compared[], spread: Compared): void {
  const row = (measure: string, rates: readonly number[]) => ({
    measure,
    'orders/s': round(median(rates)),
    least: round(Math.min(...rates)),
    most: round(Math.max(...rates)),
  });
  writeReport({
    name: 'growth',
    load:
      `${few} and ${many} finished orders, traded and settled, of 100 users; ${ordersPerRun} orders a run, half of ` +
      `them crossing, median of ${runs} turns after a warm-up; ${callers} callers place; ${markets.length} markets ` +
      'share the orders of a run; PostgreSQL, Redis, service and matcher on this machine, settlement away',
    goals: [
      ...stored.map((each) => below(`${each.what}, slower by the stored orders`, slowdown(each), 0.2)),
      below(`${spread.what}, slower by ${markets.length} markets`, slowdown(spread), 0.2),
    ],
    rows: [
      ...stored.flatMap(({ what, before, after }) => [
        row(`${what}, ${few} stored`, before),
        row(`${what}, ${many} stored`, after),
      ]),
      row(`${spread.what}, 1 market`, spread.before),
      row(`${spread.what}, ${markets.length} markets`, spread.after),
    ],
    charted: 'orders/s',
  });
}

async function check(place: Place, symbols: readonly string[]): Promise<void> {
  // What is checked was nearly all made since, and is read otherwise than a few rows would be.
  await settleDown(place);
  const { db } = place;
  const asserts = { is: assert.equal, deepEqual: assert.deepEqual, true: assert.ok };
  for (const each of symbols) await checkBooks(asserts, { database: { db } }, each);
  const { breaks } = await createBookCheck({ db, clock: systemClock })();
  // What was measured here is not settled.
  const wrong = breaks.filter(({ check: of, finding }) => of !== 'trades' || finding.startsWith(past));
  assert.deepEqual(wrong.slice(0, 10), [], 'the ledger is sound');
}

async function main(): Promise<void> {
  const leash = createLeash();
  const postgres = await startOwnServer(leash, 'postgres');
  const redis = await startOwnServer(leash, 'redis');
  const users = Array.from({ length: 100 }, () => newId());
  const grownUrl = postgres.url.replace(/\/pandora$/, '/grown');
  const places: Place[] = [];
  const open = (url: string, redisDb: number): Place => {
    const place = openPlace(url, `${redis.url}/${redisDb}`, users);
    places.push(place);
    return place;
  };
  try {
    const seeded = openPlace(postgres.url, redis.url, users);
    await seedMarket(seeded.db, users, [...markets, past]);
    await addSettledTrades(seeded.db, past, users, few / 2);
    await settleDown(seeded);
    await seeded.close();
    // Its own connection is the only one that a template may have.
    const server = openPlace(postgres.url.replace(/\/pandora$/, '/postgres'), redis.url, users);
    await server.db.none('CREATE DATABASE grown TEMPLATE pandora');
    await server.close();
    const [small, grown] = [open(postgres.url, 0), open(grownUrl, 1)];
    await addSettledTrades(grown.db, past, users, (many - few) / 2);
    await settleDown(grown);
    const stored = await compareStored(small, grown);
    report(stored, await compareMarkets(small));
    await check(small, markets);
    await check(grown, [symbol]);
  } finally {
    for (const place of places) await place.close();
    await redis.drop();
    await postgres.drop();
    leash.close();
  }
}

await main();
