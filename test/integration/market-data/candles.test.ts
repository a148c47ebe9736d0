import test from 'ava';
import { candleIntervals, type CandleInterval, candleWidths } from '../../../domain/trading/candle.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createCandleFolder } from '../../../services/market-data/candle-folder.ts';
import { type Database, openDatabase } from '../../../storage/db.ts';
import { bustTrade, foldCandles, listCandles, listUnfolded } from '../../../storage/trading/candles.ts';
import { createTestDatabase, type TestDatabase } from '../../_support/database.ts';
import { until } from '../../_support/until.ts';
import { seedMarket, symbol } from './kit.ts';
import { commitTrades, createRandom, type MadeTrade, makeTrades, naiveCandles } from './trades.ts';

async function withMarket(run: (db: Database, database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  try {
    await seedMarket(database.db);
    await run(database.db, database);
  } finally {
    await database.drop();
  }
}

const folderOf = (db: Database, stepTrades = 100) => createCandleFolder({ db, log: silentLogger, stepTrades });

const list = (db: Database, interval: CandleInterval, page: { first?: Date; before?: Date; limit?: number } = {}) =>
  listCandles(db, { symbol, interval, first: page.first, before: page.before, limit: page.limit ?? 100_000 });

const stored = (db: Database) =>
  db.one<{ candles: string; trades: string; seq: string | null }>(
    `SELECT count(*) AS candles, coalesce(sum(trades) FILTER (WHERE interval = '1d'), 0) AS trades,
            (SELECT trade_seq FROM trading.candle_progress) AS seq
       FROM trading.candles`,
  );

/** Intervals whose candles are not those of the trades. */
async function findWrong(db: Database, trades: readonly MadeTrade[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const interval of candleIntervals) {
    const [shown, right] = [await list(db, interval), naiveCandles(trades, interval)];
    if (JSON.stringify(shown) !== JSON.stringify(right)) wrong.push(interval);
  }
  return wrong;
}

test('candles: trades at random and at boundary instants, those of all intervals recomputed one by one', (t) =>
  withMarket(async (db) => {
    const trades = makeTrades(2_000, { seed: 7 });
    const folder = folderOf(db);
    const random = createRandom(11);
    for (let from = 0; from < trades.length;) {
      const to = from + 1 + random(200);
      await commitTrades(db, trades.slice(from, to));
      // Folded wholly, partly or not at all before the next ones come.
      for (let steps = random(4); steps > 0; steps -= 1) await folder.foldOnce();
      t.deepEqual(await findWrong(db, trades.slice(0, to)), []);
      from = to;
    }
    while (await folder.foldOnce());
    t.like(await stored(db), { trades: '2000', seq: '2000' });
    t.deepEqual(await findWrong(db, trades), []);
    const starts = new Set(naiveCandles(trades, '1m').map(({ start }) => start));
    for (const interval of candleIntervals) {
      const exact = trades.filter(({ at }) => at.getTime() % candleWidths[interval] === 0);
      t.true(exact.length > 5 && exact.every(({ at }) => starts.has(at.toISOString())), interval);
    }
    await db.none(`UPDATE trading.candles SET close = high + 1, high = high + 1 WHERE interval = '4h'`);
    t.deepEqual(await findWrong(db, trades), ['4h']);
  }));

test('candles: the folder never ran, those of all committed trades', (t) =>
  withMarket(async (db) => {
    const trades = makeTrades(500);
    await commitTrades(db, trades);
    t.deepEqual(await findWrong(db, trades), []);
    t.like(await stored(db), { candles: '0', seq: null });
  }));

test('candles: read while trades come and are folded, each answer is that of an instant', (t) =>
  withMarket(async (db) => {
    const trades = makeTrades(1_500, { seed: 3 });
    const over = new AbortController();
    const folding = (async () => {
      while (!over.signal.aborted) await folderOf(db, 37).foldOnce();
    })();
    let seen = 0;
    const reading = (async () => {
      while (!over.signal.aborted) {
        const shown = (await list(db, '5m')) ?? [];
        const seq = shown.at(-1)?.last_trade_seq ?? 0;
        t.deepEqual(shown, naiveCandles(trades.slice(0, seq), '5m'));
        seen += 1;
      }
    })();
    for (let from = 0; from < trades.length; from += 10) await commitTrades(db, trades.slice(from, from + 10));
    await until(async () => (await stored(db)).seq === '1500');
    over.abort();
    await Promise.all([folding, reading]);
    t.true(seen > 20);
  }));

test('candle folder: first started late, folds every trade since the first', (t) =>
  withMarket(async (db) => {
    const trades = makeTrades(1_000, { seed: 5 });
    await commitTrades(db, trades);
    const folder = folderOf(db, 300);
    let steps = 1;
    while (await folder.foldOnce()) steps += 1;
    t.is(steps, 4);
    t.deepEqual(await listUnfolded(db), []);
    t.deepEqual(await findWrong(db, trades), []);
  }));

test('candle folder: both tables emptied while it works, fills them again', (t) =>
  withMarket(async (db) => {
    const trades = makeTrades(300, { seed: 6 });
    await commitTrades(db, trades);
    const folder = folderOf(db);
    await folder.foldOnce();
    const [read] = await listUnfolded(db);
    await db.none('TRUNCATE trading.candles, trading.candle_progress');
    t.deepEqual(await foldCandles(db, read!, 300), { found: 200, moved: false });
    t.like(await stored(db), { candles: '0', seq: null });
    while (await folder.foldOnce());
    t.like(await stored(db), { trades: '300', seq: '300' });
    t.deepEqual(await findWrong(db, trades), []);
  }));

test('candle folder: two at once over the same trades, each trade is folded once', (t) =>
  withMarket(async (db) => {
    const trades = makeTrades(2_000, { seed: 8 });
    await commitTrades(db, trades);
    const run = async (folder: ReturnType<typeof folderOf>) => {
      while (await folder.foldOnce());
    };
    await Promise.all([run(folderOf(db, 70)), run(folderOf(db, 110)), run(folderOf(db, 70))]);
    t.like(await stored(db), { trades: '2000', seq: '2000' });
    t.deepEqual(await findWrong(db, trades), []);
  }));

test('candle folder: two that read the same progress, the later one writes nothing', (t) =>
  withMarket(async (db) => {
    const trades = makeTrades(200, { seed: 9 });
    await commitTrades(db, trades);
    const [read] = await listUnfolded(db);
    const both = await Promise.all([foldCandles(db, read!, 120), foldCandles(db, read!, 200)]);
    t.is(both.filter(({ moved }) => moved).length, 1);
    const again = await foldCandles(db, read!, 150);
    t.deepEqual(again, { found: 150, moved: false });
    t.deepEqual(await findWrong(db, trades), []);
  }));

test('candle folder: a trade is missing, folds nothing of that market and goes on when it is there', (t) =>
  withMarket(async (db) => {
    const trades = makeTrades(50, { seed: 10 });
    await commitTrades(db, [...trades.slice(0, 20), ...trades.slice(21)]);
    const folder = folderOf(db);
    t.false(await folder.foldOnce());
    t.like(await stored(db), { candles: '0', seq: null });
    await db.none('DELETE FROM trading.trades');
    await commitTrades(db, trades);
    await folder.foldOnce();
    t.deepEqual(await findWrong(db, trades), []);
  }));

for (const table of ['candles', 'candle_progress']) {
  test(`candle folder: its connection dies while it writes ${table}, each trade is folded once after all`, (t) =>
    withMarket(async (db, { url }) => {
      const trades = makeTrades(600, { seed: 12 });
      await commitTrades(db, trades);
      await db.none(`
        CREATE SEQUENCE deaths;
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- A sequence is not rolled back: of three writes two live.
            IF nextval('deaths') % 3 = 0 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER dies AFTER INSERT OR UPDATE ON trading.${table} FOR EACH STATEMENT EXECUTE FUNCTION die()`);
      const pool = { poolSize: 1, applicationName: 'folder', statementTimeoutMs: 10_000 };
      const own = openDatabase({ connectionString: url, ...pool });
      own.db.$pool.on('error', () => undefined);
      const folder = folderOf(own.db, 50);
      for (let tries = 0; tries < 60; tries += 1) {
        await folder.foldOnce().catch(() => undefined);
        t.deepEqual(await findWrong(db, trades), []);
        if ((await stored(db)).seq === '600') break;
      }
      await own.close();
      t.true(Number((await db.one<{ last: string }>('SELECT last_value AS last FROM deaths')).last) > 15);
      t.like(await stored(db), { trades: '600', seq: '600' });
    }));
}

test('candles: a page from a start, the newest, and those before an end, oldest first', (t) =>
  withMarket(async (db) => {
    const trades = makeTrades(400, { seed: 13 });
    await commitTrades(db, trades.slice(0, 300));
    const folder = folderOf(db);
    while (await folder.foldOnce());
    await commitTrades(db, trades.slice(300));
    const all = naiveCandles(trades, '15m');
    const at = (index: number): Date => new Date(all.at(index)!.start);
    for (const [first, limit] of [
      [0, 10],
      [5, 1],
      [-7, 100],
      [-30, 29],
    ] as const) {
      const from = (all.length + first) % all.length;
      t.deepEqual(await list(db, '15m', { first: at(first), limit }), all.slice(from, from + limit));
    }
    for (const limit of [1, 3, 50, 10_000]) {
      t.deepEqual(await list(db, '15m', { limit }), all.slice(-limit));
      t.deepEqual(await list(db, '15m', { before: at(-5), limit }), all.slice(0, -5).slice(-limit));
    }
    t.deepEqual(await list(db, '15m', { first: at(3), before: at(-4), limit: 9_999 }), all.slice(3, -4));
    t.deepEqual(await list(db, '15m', { first: at(-4), before: at(3) }), []);
    t.deepEqual(
      await listCandles(db, { symbol: 'NO/SUCH', interval: '1m', first: undefined, before: undefined, limit: 1 }),
      undefined,
    );
  }));

test('candles: trades taken back before and after they are folded, those of all others', (t) =>
  withMarket(async (db) => {
    const trades = makeTrades(300, { seed: 5 });
    const folder = folderOf(db);
    const gone = new Set<number>();
    const bust = async (seq: number): Promise<void> => {
      const sql = 'SELECT trade_id FROM trading.trades WHERE trade_seq = $1';
      const { trade_id: tradeId } = await db.one<{ trade_id: string }>(sql, [seq]);
      t.true(await bustTrade(db, tradeId, new Date()));
      gone.add(seq);
    };
    const left = () => trades.filter(({ seq }) => !gone.has(seq));
    await commitTrades(db, trades);
    // One is the newest of all, and with it whole stretches are empty.
    for (const seq of [1, 150, 300]) await bust(seq);
    t.deepEqual(await findWrong(db, left()), []);
    while (await folder.foldOnce());
    t.like(await stored(db), { trades: '297', seq: '300' });
    t.deepEqual(await findWrong(db, left()), []);
    for (const seq of [2, 97, 98, 299]) await bust(seq);
    t.deepEqual(await findWrong(db, left()), []);
    await db.none('TRUNCATE trading.candles, trading.candle_progress');
    while (await folder.foldOnce());
    t.deepEqual(await findWrong(db, left()), []);
    t.false(await bustTrade(db, '0193f000-0000-7000-8000-000000000000', new Date()));
  }));
