/**
 * Orders and trades into their partitioned, indexed tables, in batches as large as the exchange's: through the code
 * that the API and the matcher call, which takes in ids, reservations, order states and a journal as well; and the rows
 * alone. Beside them a plain table without partition or index, and pgbench. What was placed and matched is checked
 * afterwards.
 */
import assert from 'node:assert/strict';
import type { Placement } from '../domain/trading/placement.ts';
import { systemClock } from '../platform/clock.ts';
import { timeOfId } from '../platform/ids.ts';
import { createLeash } from '../scripts/setup/processes.ts';
import { createBookCheck } from '../services/books.ts';
import { type Database, openDatabase } from '../storage/db.ts';
import { commitBatch } from '../storage/trading/matching-commit.ts';
import { loadStoredMarket } from '../storage/trading/matching-state.ts';
import { type NewOrder, placeOrders } from '../storage/trading/place-orders.ts';
import { startOwnServer } from '../test/_support/own-servers.ts';
import { newId, seedMarket, symbol } from '../test/integration/matcher/market.ts';
import { latencyRow, rateRow } from './_support/latency.ts';
import { measurePgbench } from './_support/references.ts';
import { atLeast, round, writeReport } from './_support/report.ts';

const total = Number(process.env['BENCH_ORDERS'] ?? 102_400);
/** ORDER_BATCH_SIZE, and as many as the matcher takes in at once. */
const batchSize = 256;
/** Where rows are put that belong to no books. */
const alone = 'ALONE/USDT';

interface Pair {
  readonly buy: NewOrder;
  readonly sell: NewOrder;
}

const buying: Placement = {
  symbol,
  side: 'BUY',
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  postOnly: false,
  ...{ quantity: '0.001', quoteQuantity: undefined, price: '50000', stopPrice: undefined, protectionPrice: undefined },
  ...{ reservePrice: '50000', reserveAsset: 'USDT', reserveAmount: '50', reserveTicks: 5_000_000 },
  ...{ lots: 10, limitTicks: 5_000_000, stopTicks: 0, budget: 0, makerBps: 10, takerBps: 10 },
  selfTradePrevention: 'EXPIRE_TAKER',
  stepsVersion: 1,
};
const selling: Placement = {
  ...buying,
  side: 'SELL',
  reservePrice: undefined,
  reserveAsset: 'BTC',
  reserveAmount: '0.001',
  reserveTicks: 0,
};

function orderOf(userId: string, side: 'BUY' | 'SELL'): NewOrder {
  const orderId = newId();
  return {
    ...{ orderId, userId, clientOrderId: orderId, callerKey: orderId, contentHash: 'bench', expiresAt: undefined },
    placement: side === 'BUY' ? buying : selling,
    createdAt: timeOfId(orderId),
  };
}

/** As many orders as a batch holds, of all users in turn. */
function makePairs(users: readonly string[], from: number): readonly Pair[] {
  const user = (index: number): string => users[index % users.length]!;
  return Array.from({ length: batchSize / 2 }, (_, index) => ({
    buy: orderOf(user(from + 2 * index), 'BUY'),
    sell: orderOf(user(from + 2 * index + 1), 'SELL'),
  }));
}

const filledOf = ({ orderId }: NewOrder, fee: string) => ({
  ...{ orderId, status: 'FILLED', filled: '0.001', executed: '50', prevented: '0', fee, reason: undefined },
  ...{ prioritySeq: undefined, stopSeq: undefined, isTriggered: false },
});

/** Commits that each pair traded, as the matcher does. */
async function matchPairs(db: Database, pairs: readonly Pair[], batch: number, before: number): Promise<void> {
  const state = { batch, tradeSeq: before + pairs.length, bookSeq: 0, stopSeq: 0, streamId: '0-0', hash: '0' };
  const books = { inputs: '{}', events: '{}', amends: [], prevented: [], merges: [], releases: [], outcomes: [] };
  const orders = pairs.flatMap(({ buy, sell }) => [filledOf(buy, '0.000001'), filledOf(sell, '0.05')]);
  const trades = pairs.map(({ buy, sell }, index) => ({
    ...{ tradeId: newId(), tradeSeq: before + 1 + index, buyerOrderId: buy.orderId, sellerOrderId: sell.orderId },
    ...{ buyerUserId: buy.userId, sellerUserId: sell.userId, price: '50000', quantity: '0.001', quote: '50' },
    ...{ buyerFee: '0.000001', sellerFee: '0.05', buyerRelease: '0', isBuyerMaker: true },
    ...{ buyerListId: undefined, sellerListId: undefined },
  }));
  const market = { ...state, ...books, symbol, epoch: 0, lastPrice: '50000', version: 1, orders, trades };
  await commitBatch(db, new Date(), 1, [market]);
}

/** The rows of a batch alone, in one INSERT from arrays. */
const rowsOf = {
  orders: (table: string) => `
    INSERT INTO ${table} (order_id, user_id, symbol, side, order_type, time_in_force, quantity, price, post_only,
                          self_trade_prevention, status, filled_quantity, executed_quote, fees, prevented_quantity,
                          reserved_amount, maker_bps, taker_bps, version, created_at, updated_at)
    SELECT id, $<user>, '${alone}', 'SELL', 'LIMIT', 'GTC', 0.001, 50000, false, 'EXPIRE_TAKER', 'PENDING', 0, 0, 0, 0,
           0.001, 10, 10, 1, $<at>, $<at>
      FROM unnest($<ids>::uuid[]) AS id`,
  trades: (table: string) => `
    INSERT INTO ${table} (trade_id, symbol, trade_seq, buyer_order_id, seller_order_id, buyer_user_id, seller_user_id,
                          price, quantity, base_amount, quote_amount, buyer_fee, seller_fee, buyer_release,
                          is_buyer_maker, executed_at)
    SELECT id, '${alone}', $<from> + number, buy, sell, $<user>, $<other>, 50000, 0.001, 0.001, 50, 0.000001, 0.05, 0,
           true, $<at>
      FROM unnest($<ids>::uuid[], $<buys>::uuid[], $<sells>::uuid[]) WITH ORDINALITY AS made (id, buy, sell, number)`,
};

/** Runs batch after batch; a row of how many `things` a second that makes, and how long a batch takes. */
async function measure(what: string, things: number, run: (batch: number) => Promise<unknown>) {
  const taken: number[] = [];
  const batches = total / batchSize;
  for (let batch = 0; batch < batches; batch += 1) {
    const before = performance.now();
    await run(batch);
    taken.push(performance.now() - before);
  }
  const seconds = taken.reduce((sum, ms) => sum + ms, 0) / 1_000;
  return { ...latencyRow(what, taken, seconds), 'per second': round((batches * things) / seconds) };
}

/** Rows of orders, whose ids are kept by batch, and then rows of trades between those. */
async function measureAlone(db: Database, users: readonly string[], tables: { orders: string; trades: string }) {
  const ids = () => Array.from({ length: batchSize }, () => newId());
  const other = newId();
  const kept: (readonly string[])[] = [];
  const insert = (sql: string, batch: number, made: readonly string[]): Promise<null> => {
    const buys = kept[batch] ?? [];
    const parties = { user: users[batch % users.length], other, buys, sells: [...buys.slice(1), buys[0]] };
    return db.none(sql, { ids: made, ...parties, from: batch * batchSize, at: timeOfId(made[0]!) });
  };
  const orders = await measure(`orders into ${tables.orders}, rows alone`, batchSize, (batch) => {
    kept.push(ids());
    return insert(rowsOf.orders(tables.orders), batch, kept[batch] ?? []);
  });
  const trades = await measure(`trades into ${tables.trades}, rows alone`, batchSize, (batch) =>
    insert(rowsOf.trades(tables.trades), batch, ids()),
  );
  return { orders, trades };
}

async function measureAll(db: Database, users: readonly string[]) {
  const placed: (readonly Pair[])[] = [];
  const orders = await measure(`orders placed, ${batchSize} a batch`, batchSize, async (batch) => {
    const pairs = makePairs(users, batch * batchSize);
    placed.push(pairs);
    const entries = pairs.flatMap(({ buy, sell }) => [buy, sell]);
    const outcomes = await placeOrders(db, entries, new Date());
    assert.ok(outcomes.every(({ outcome }) => outcome === 'PLACED'));
  });
  const trades = await measure(`trades committed, ${batchSize / 2} a batch`, batchSize / 2, (batch) =>
    matchPairs(db, placed[batch] ?? [], batch, (batch * batchSize) / 2),
  );
  for (const kind of ['orders', 'trades']) await db.none(`CREATE TABLE plain_${kind} (LIKE trading.${kind})`);
  const rows = await measureAlone(db, users, { orders: 'trading.orders', trades: 'trading.trades' });
  const plain = await measureAlone(db, users, { orders: 'plain_orders', trades: 'plain_trades' });
  return { orders, trades, rows, plain };
}

/** Every order is filled, trades have no gap, and the ledger is sound. */
async function check(db: Database): Promise<void> {
  const [orders, trades] = [total, total / 2];
  const found = await db.one<object>(
    `SELECT (SELECT count(*)::int FROM trading.orders WHERE symbol = $<symbol> AND status = 'FILLED') AS orders,
            (SELECT count(DISTINCT trade_seq)::int FROM trading.trades WHERE symbol = $<symbol>) AS trades`,
    { symbol },
  );
  assert.deepEqual(found, { orders, trades });
  assert.equal((await loadStoredMarket(db, symbol)).tradeSeq, trades);
  // What belongs to no books claims nothing.
  await db.none("UPDATE trading.orders SET status = 'CANCELLED', cancelled_at = now() WHERE symbol = $1", [alone]);
  const { breaks } = await createBookCheck({ db, clock: systemClock })();
  assert.deepEqual(breaks.slice(0, 10), [], 'the ledger is sound');
}

function report(measured: Awaited<ReturnType<typeof measureAll>>, pgbench: number | undefined): void {
  const { orders, trades, rows, plain } = measured;
  const rate = (row: { readonly 'per second': number }): number => row['per second'];
  writeReport({
    name: 'inserts',
    load:
      `${total} orders of ${userCount} users in batches of ${batchSize}, then the trades between them; then as many ` +
      'rows of each alone; one connection; PostgreSQL on this machine, nothing else running',
    goals: [
      atLeast('orders/s placed', rate(orders), 20_000),
      atLeast('trades/s committed', rate(trades), 20_000),
      atLeast('rows of orders/s alone', rate(rows.orders), 20_000),
      atLeast('rows of trades/s alone', rate(rows.trades), 20_000),
      atLeast('orders/s placed, floor', rate(orders), 1_000),
      atLeast('trades/s committed, floor', rate(trades), 1_000),
    ],
    rows: [
      ...[orders, trades, rows.orders, rows.trades, plain.orders, plain.trades],
      ...[
        ['orders placed ÷ plain table', rate(orders) / rate(plain.orders)],
        ['trades committed ÷ plain table', rate(trades) / rate(plain.trades)],
        ['rows of orders ÷ plain table', rate(rows.orders) / rate(plain.orders)],
        ['rows of trades ÷ plain table', rate(rows.trades) / rate(plain.trades)],
        ...(pgbench === undefined ? [] : ([['reference: pgbench -N, 8 clients', pgbench]] as const)),
      ].map(([measureName, value]) => rateRow(String(measureName), Number(value))),
    ],
    charted: 'per second',
  });
}

const userCount = 200;

async function main(): Promise<void> {
  const leash = createLeash();
  const postgres = await startOwnServer(leash, 'postgres');
  const { db, close } = openDatabase({
    connectionString: postgres.url,
    poolSize: 2,
    applicationName: 'bench',
    statementTimeoutMs: 60_000,
  });
  try {
    const users = Array.from({ length: userCount }, () => newId());
    await seedMarket(db, users, [symbol, alone]);
    const pgbench = await measurePgbench(postgres.url);
    const measured = await measureAll(db, users);
    report(measured, pgbench);
    await check(db);
  } finally {
    await close();
    await postgres.drop();
    leash.close();
  }
}

await main();
