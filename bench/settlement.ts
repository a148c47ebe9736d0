/**
 * Settlement of matched trades by the workflow: how fast a backlog of BENCH_TRADES (20 000) is worked off, and how far
 * behind it is while trades keep coming at 1 000 a second; then one settle-trade call at a time over the internal door.
 * The trades are put into the tables as the matcher leaves them. The books are checked afterwards.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWalletClient } from '../contract/clients/wallet-client.ts';
import { processStart } from '../domain/processes.ts';
import { systemClock } from '../platform/clock.ts';
import { loadConfig } from '../platform/config/config.ts';
import { createIds } from '../platform/ids.ts';
import { createBookCheck } from '../services/books.ts';
import type { Database } from '../storage/db.ts';
import { createTemporalClient } from '../temporal/client.ts';
import { createWorkflowStarter } from '../temporal/starter.ts';
import { createCustomers, type Customer } from '../test/_support/load.ts';
import { startSystem, type System } from '../test/_support/system.ts';
import { until } from '../test/_support/until.ts';
import { untilCalm } from './_support/calm.ts';
import { type LatencyRow, latencyRow, percentile, rateRow } from './_support/latency.ts';
import { addTrades } from './_support/finished.ts';
import { measurePgbench } from './_support/references.ts';
import { atLeast, below, writeReport } from './_support/report.ts';

const backlog = Number(process.env['BENCH_TRADES'] ?? 20_000);
const steadySeconds = Number(process.env['BENCH_SECONDS'] ?? 20);
const tradesPerSecond = 1_000;
const symbol = 'BTC/USDT';
const newId = createIds(systemClock);

async function lagOf(db: Database): Promise<number> {
  const { lag } = await db.one<{ lag: number }>(
    `SELECT (trade_seq - coalesce(settled_seq, 0))::int AS lag
       FROM trading.market_state LEFT JOIN ledger.settlement_progress USING (symbol) WHERE symbol = $<symbol>`,
    { symbol },
  );
  return lag;
}

type Hint = () => Promise<void>;

/** Trades a second while a backlog is worked off; the workflow is told of it once. */
async function drain(db: Database, hint: Hint): Promise<number> {
  const before = performance.now();
  await hint();
  await until(async () => (await lagOf(db)) === 0, 300_000);
  return backlog / ((performance.now() - before) / 1000);
}

/** Seconds behind, sampled, while trades come at a steady rate and hints five times a second as the matcher's do. */
async function keepUp(db: Database, users: readonly string[], hint: Hint): Promise<readonly number[]> {
  const lags: number[] = [];
  const begun = performance.now();
  for (let step = 0; step < steadySeconds * 10; step += 1) {
    await sleep(Math.max(0, begun + step * 100 - performance.now()));
    await addTrades(db, symbol, users, tradesPerSecond / 10);
    if (step % 2 === 0) void hint();
    lags.push(((await lagOf(db)) / tradesPerSecond) * 1000);
  }
  await until(async () => (await lagOf(db)) === 0, 60_000);
  return lags;
}

/** Milliseconds of each settle-trade by the wallet client, one after the other, over reservations of its own. */
async function settleOneByOne(system: System, [buyer, seller]: readonly Customer[], count: number) {
  assert(buyer !== undefined && seller !== undefined);
  const token = loadConfig(system.env).auth.serviceToken.reveal();
  const wallets = createWalletClient({ url: system.internal, token });
  const taken: number[] = [];
  for (let number = 0; number < count; number += 1) {
    const [buyId, sellId] = [newId(), newId()];
    const reason = 'BENCHMARK';
    await wallets.reserve({ user_id: buyer.userId, asset: 'USDT', amount: '50', order_id: buyId, reason });
    await wallets.reserve({ user_id: seller.userId, asset: 'BTC', amount: '0.001', order_id: sellId, reason });
    const before = performance.now();
    await wallets.settleTrade({
      trade_id: newId(),
      buyer_user_id: buyer.userId,
      seller_user_id: seller.userId,
      buyer_order_id: buyId,
      seller_order_id: sellId,
      base_asset: 'BTC',
      quote_asset: 'USDT',
      quantity: '0.001',
      price: '50000',
      buyer_fee: '0.000001',
      seller_fee: '0.05',
      buyer_fee_asset: 'BTC',
      seller_fee_asset: 'USDT',
    });
    taken.push(performance.now() - before);
  }
  return latencyRow('settle-trade, one after the other', taken, taken.reduce((sum, each) => sum + each, 0) / 1000);
}

function report(rate: number, lags: readonly number[], single: LatencyRow, pgbench: number | undefined): void {
  const lag = percentile(
    lags.toSorted((a, b) => a - b),
    99,
  );
  writeReport({
    name: 'settlement',
    load:
      `${backlog} trades of 200 users worked off by the workflow; then ${tradesPerSecond} trades/s for ` +
      `${steadySeconds} s, inserted on the same machine; then 500 settle-trade calls over REST, one after the other`,
    goals: [
      atLeast('trades/s through the workflow', rate, 3_000),
      below('lag at 1 000 trades/s, p99, ms', lag, 1_000),
      below('settle-trade p99, ms', single['p99 ms'], 15),
      below('settle-trade p99, ms, floor', single['p99 ms'], 50),
      ...(pgbench === undefined ? [] : [atLeast('trades/s ÷ pgbench -N transactions/s', rate / pgbench, 1)]),
    ],
    rows: [
      rateRow('backlog settled by the workflow', rate),
      latencyRow('lag at 1 000 trades/s (sampled)', lags, steadySeconds),
      single,
      ...(pgbench === undefined ? [] : [rateRow('reference: pgbench -N, 8 clients', pgbench)]),
    ],
    charted: 'per second',
  });
}

async function main(): Promise<void> {
  const system = await startSystem({ LOG_LEVEL: 'warn' }, { own: ['postgres', 'redis', 'temporal'] });
  const temporal = createTemporalClient(loadConfig(system.env).temporal);
  try {
    const customers = await createCustomers(system.internal, 200);
    await untilCalm(system);
    // The books of this benchmark are not the matcher's.
    await system.stopApp('matcher');
    const { db } = system;
    const users = customers.map(({ userId }) => userId);
    const pgbench = await measurePgbench(system.env['DATABASE_URL'] ?? '');
    for (let left = backlog; left > 0; left -= 1_000) await addTrades(db, symbol, users, Math.min(left, 1_000));
    const starter = createWorkflowStarter(temporal.client);
    const hint: Hint = () =>
      starter.signalWithStart({ ...processStart('settlement', symbol), signal: 'tradesMatched' });
    const rate = await drain(db, hint);
    const lags = await keepUp(db, users, hint);
    const single = await settleOneByOne(system, customers, 500);
    report(rate, lags, single, pgbench);
    const { breaks } = await createBookCheck({ db, clock: systemClock })();
    assert.deepEqual(breaks.slice(0, 10), [], 'the books are sound');
    const parked = await db.any('SELECT reason FROM ledger.parked_trades LIMIT 5');
    assert.deepEqual(parked, [], 'every trade is settled');
  } finally {
    await temporal.close();
    await system.stop();
  }
}

await main();
