import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import anyTest, { type TestFn } from 'ava';
import pgPromise from 'pg-promise';
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
test(
  'plan: cancels, find their orders by key',
  usesIndexes,
  'put-cancels.sql',
  { commandIds: [randomUUID()], at: new Date() },
  ['orders_\\d+_pkey'],
);
test(
  'plan: cancel all, looks at open orders only',
  usesIndexes,
  'put-cancel-alls.sql',
  { commandIds: [randomUUID()], symbol, at: new Date() },
  ['orders_\\d+_user_id_symbol_order_id_idx'],
);
