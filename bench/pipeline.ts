/**
 * The matcher's pipeline: orders that are committed and reserved appear in the command stream all at once, half of them
 * cross the other half, and the clock runs until the last one is matched, committed and published. The books are
 * checked afterwards, the replayed journal included: a fast wrong run fails.
 */
import assert from 'node:assert/strict';
import { silentLogger } from '../platform/log.ts';
import { openRedis } from '../platform/redis.ts';
import { createLeash } from '../scripts/setup/processes.ts';
import { openDatabase } from '../storage/db.ts';
import { startOwnServer } from '../test/_support/own-servers.ts';
import { until } from '../test/_support/until.ts';
import { checkBooks } from '../test/integration/matcher/books.ts';
import { openMatcher } from '../test/integration/matcher/kit.ts';
import { newId, seedMarket, symbol } from '../test/integration/matcher/market.ts';
import { measurePgbench } from './_support/references.ts';
import { atLeast, round, writeReport } from './_support/report.ts';
import { runStaged, type Stand } from './_support/staged.ts';

const ordersPerRun = 20_000;
const runs = 3;

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
    await runStaged(stand, [symbol], 2_000, 0);
    const measured = [];
    for (let run = 1; run <= runs; run += 1) measured.push(await runStaged(stand, [symbol], ordersPerRun, run));
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
