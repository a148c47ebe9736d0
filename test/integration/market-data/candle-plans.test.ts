import { readFile } from 'node:fs/promises';
import test from 'ava';
import pgPromise from 'pg-promise';
import { candleIntervals, candleWidths } from '../../../domain/trading/candle.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createCandleFolder } from '../../../services/market-data/candle-folder.ts';
import { listCandles, listUnfolded, loadCandleHistory } from '../../../storage/trading/candles.ts';
import { keptCandles } from '../../../services/market-data/trade-sums.ts';
import type { Database } from '../../../storage/db.ts';
import { createTestDatabase } from '../../_support/database.ts';
import { seedMarket, symbol } from './kit.ts';
import { commitTrades, makeTrades } from './trades.ts';

async function withMarket(run: (db: Database) => Promise<void>): Promise<void> {
  const { db, drop } = await createTestDatabase();
  try {
    await seedMarket(db);
    await run(db);
  } finally {
    await drop();
  }
}

const page = { symbol, interval: '1m', limit: 100 } as const;
const early = new Date('2026-03-01');

test('plan: reading candles, planned over empty tables, reads no table through once they are full', (t) =>
  withMarket(async (db) => {
    const session = await db.connect();
    async function readAll(): Promise<void> {
      await listCandles(session, { ...page, first: undefined, before: undefined });
      await listCandles(session, { ...page, first: early, before: new Date('2026-03-02') });
      await loadCandleHistory(session, symbol, keptCandles);
    }
    for (let times = 0; times < 10; times += 1) await readAll();
    const trades = makeTrades(4_000, { seed: 31 });
    await commitTrades(db, trades.slice(0, 3_990));
    const folder = createCandleFolder({ db, log: silentLogger });
    while (await folder.foldOnce());
    await commitTrades(db, trades.slice(3_990));
    const read = await session.tx(async () => {
      await readAll();
      return session.any(`
        SELECT relname FROM pg_stat_xact_user_tables
         WHERE schemaname = 'trading' AND seq_tup_read >= 100`);
    });
    await session.done();
    t.deepEqual(read, []);
  }));

test('plan: folding a few trades of many, finds them by an index of their days', (t) =>
  withMarket(async (db) => {
    await db.any('SELECT trading.make_partitions($1)', [early]);
    const trades = makeTrades(4_000, { seed: 32 });
    await commitTrades(db, trades);
    await createCandleFolder({ db, log: silentLogger, stepTrades: 3_990 }).foldOnce();
    await db.none('ANALYZE');
    const [market] = await listUnfolded(db);
    const text = await readFile(new URL('../../../storage/trading/fold-candles.sql', import.meta.url), 'utf8');
    const widths = candleIntervals.map((interval) => candleWidths[interval]);
    const values = { symbol, from: 3_990, to: 4_000, since: market!.since, intervals: candleIntervals, widths };
    const plan = await db.tx(async (tx) => {
      const rows = await tx.many<{ 'QUERY PLAN': string }>(`EXPLAIN ${pgPromise.as.format(text, values)}`);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    t.regex(plan, /Index Scan using trades_(default|\d+)_(symbol_trade_seq_idx|pkey)/, plan);
    t.notRegex(plan, /Seq Scan on trades_default/, plan);
    t.notRegex(plan, /trades_20260[123]/, plan);
  }));
