import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import anyTest, { type TestFn } from 'ava';
import pgPromise from 'pg-promise';
import { createIds } from '../../../platform/ids.ts';
import type { Customer } from '../../../services/trading/placing.ts';
import { postTrades } from '../../../storage/ledger/posting.ts';
import { release, reserve } from '../../../storage/ledger/reservations.ts';
import { putCancels } from '../../../storage/trading/commands.ts';
import { commitBatch } from '../../../storage/trading/matching-commit.ts';
import { findOrder } from '../../../storage/trading/orders.ts';
import { buy, createKit, type Kit, symbol } from './kit.ts';

const test = anyTest as TestFn<Kit>;

test.before(async (t) => {
  t.context = await createKit();
  const { trading, customer, db } = t.context;
  const users = await Promise.all(Array.from({ length: 200 }, () => customer()));
  const requests = Array.from({ length: 10 }, (_, index) => ({
    ...buy,
    price: '1000',
    clientOrderId: `plan-${index}`,
  }));
  await Promise.all(
    users.flatMap((user) => requests.map((request) => trading.placing.place(user, request, undefined))),
  );
  await db.none('ANALYZE');
});
test.after.always((t) => t.context.close());

const usesIndexes = test.macro(
  async (t, file: string, values: Readonly<Record<string, unknown>>, indexes: readonly string[]) => {
    const text = await readFile(new URL(`../../../storage/trading/${file}`, import.meta.url), 'utf8');
    const { userId, orderId } = await t.context.db.one<{ userId: string; orderId: string }>(
      `SELECT user_id AS "userId", order_id AS "orderId" FROM trading.orders LIMIT 1`,
    );
    const query = pgPromise.as.format(text, { userId, orderId, orderIds: [orderId], userIds: [userId], ...values });
    const rows = await t.context.db.tx(async (tx) => {
      // Most partitions are empty here, and reading an empty one through is cheaper than any index.
      await tx.none('SET LOCAL enable_seqscan = off');
      return tx.many<Record<string, string>>(`EXPLAIN ${query}`);
    });
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    for (const index of indexes) t.regex(plan, new RegExp(index), plan);
    t.notRegex(plan, /Seq Scan on (orders|trades|client_order_ids)/, plan);
  },
);

const none = { symbol: null, status: null, side: null, start: null, end: null, before: null };

test(
  "plan: a user's order by client id, uses the keys",
  usesIndexes,
  'find-order.sql',
  { orderId: null, clientOrderId: 'plan-0' },
  ['client_order_ids_pkey', 'orders_\\d+_pkey'],
);
test("plan: a user's orders, are read in the index's order", usesIndexes, 'list-orders.sql', { ...none, limit: 10 }, [
  'orders_\\d+_user_id_symbol_order_id_idx',
]);
test("plan: a user's fills, are read in the index's order", usesIndexes, 'list-fills.sql', { ...none, limit: 10 }, [
  'trades_\\d+_buyer_user_id_trade_id_idx',
  'trades_\\d+_seller_user_id_trade_id_idx',
]);
/** A trade of no amounts: its accounts are looked up and none is changed. */
const nothing = (tradeId: string, buyerUserId: string, sellerUserId: string) => ({
  ...{ tradeId, buyerUserId, sellerUserId, baseAmount: '0', quoteAmount: '0' },
  ...{ buyerFee: '0', sellerFee: '0', buyerRelease: '0' },
});

/** A market's first batch, which cancels these orders. */
const cancelled = (orderIds: readonly string[]) => ({
  ...{ symbol, epoch: 0, batch: 0, tradeSeq: 0, bookSeq: 0, stopSeq: 0, streamId: '0-0', hash: '0', version: 1 },
  ...{ lastPrice: undefined, inputs: '{}', events: '{}', amends: [], trades: [], prevented: [], merges: [] },
  ...{ releases: [], outcomes: [] },
  orders: orderIds.map((orderId) => ({
    ...{ orderId, status: 'CANCELLED', filled: '0', executed: '0', prevented: '0', fee: '0', reason: 'USER' },
    ...{ prioritySeq: undefined, stopSeq: undefined, isTriggered: false },
  })),
});

test('plan: what runs for each order, planned over empty tables, reads none through once they are full', async (t) => {
  const { db, customer, trading, close } = await createKit();
  t.teardown(close);
  const session = await db.connect();
  t.teardown(() => session.done());
  const newId = createIds(() => new Date());
  async function run(users: readonly Customer[], orderIds: readonly string[]): Promise<void> {
    const [{ userId } = { userId: '' }, other] = users;
    const [orderId = ''] = orderIds;
    const reservationId = newId();
    const funds = { reservationId, amount: '1', reason: 'BUY_ORDER' };
    await putCancels(session, [{ commandId: newId(), orderId, userId }], new Date());
    await reserve(session, 'order', [{ ...funds, userId, asset: 'USDT' }], new Date());
    await release(session, [{ ...funds, transferId: newId() }], new Date());
    await findOrder(session, userId, { orderId });
    await postTrades(session, symbol, [nothing(newId(), userId, other?.userId ?? '')], new Date());
    await commitBatch(session, new Date(), 1, [cancelled(orderIds)]);
  }
  const two = await Promise.all([customer(), customer()]);
  for (let times = 0; times < 10; times += 1) {
    // There are no such orders; it is planned before that is seen.
    await t.throwsAsync(run(two, [newId(), newId()]), { message: /final already/ });
  }
  const users = await Promise.all(Array.from({ length: 100 }, () => customer()));
  const requests = Array.from({ length: 10 }, () => ({ ...buy, price: '1000' }));
  const placing = users.flatMap((each) => requests.map((request) => trading.placing.place(each, request, undefined)));
  const placed = await Promise.all(placing);
  // What was counted before is told with this statement's end.
  await session.any('SELECT pg_stat_force_next_flush()');
  const readThrough = await session.tx(async () => {
    await run(users, [placed[0]!.orderId, placed.at(-1)!.orderId]);
    return session.any(`
      SELECT relname FROM pg_stat_xact_user_tables
       WHERE schemaname IN ('ledger', 'trading') AND seq_tup_read + coalesce(idx_tup_fetch, 0) >= 100`);
  });
  t.deepEqual(readThrough, []);
});
test(
  'plan: cancel all, looks at open orders only',
  usesIndexes,
  'put-cancel-alls.sql',
  { commandIds: [randomUUID()], symbol, reason: null, at: new Date() },
  ['orders_\\d+_user_id_symbol_order_id_idx'],
);
