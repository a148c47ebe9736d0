import anyTest, { type TestFn } from 'ava';
import { adminMarketOperations } from '../../contract/admin-markets.ts';
import type { Operation as Described } from '../../contract/operation.ts';
import { run } from '../../scripts/setup/commands.ts';
import { devStaff } from '../../scripts/staff.ts';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { type Answer, request } from '../_support/http.ts';
import { createCustomers, type Customer } from '../_support/load.ts';
import { createOfficer } from '../_support/officers.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

interface Context {
  readonly system: System;
  readonly alice: Customer;
  readonly bob: Customer;
  /** An administrator's token. */
  readonly admin: string;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const system = await startSystem();
  const [alice, bob] = await createCustomers(system.internal, 2, { BTC: '10', USDT: '1000000' });
  await run(process.execPath, ['scripts/seed.ts'], { env: { ...process.env, ...system.env } });
  const { email, password } = devStaff.find(({ role }) => role === 'admin')!;
  const totp = await createOfficer(email).freshCode();
  const login = await request('POST', `${system.rest}/api/v1/auth/login`, { body: { email, password, totp } });
  t.context = { system, alice: alice!, bob: bob!, admin: String(login.body['access_token']) };
});
test.after.always((t) => t.context.system.stop());

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The same operation, with another content. */
  readonly other: Readonly<Record<string, unknown>>;
}

const order = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.001' };
const more = { ...order, quantity: '0.002' };
const list = {
  symbol: 'BTC/USDT',
  side: 'SELL',
  quantity: '0.001',
  orders: [
    { order_type: 'LIMIT', price: '60000' },
    { order_type: 'STOP', stop_price: '40000' },
  ],
};

/** One of each way in which keys are kept: with the orders, with the answers, and with answers safe to find twice. */
const operations: Readonly<Record<string, Operation>> = {
  'an order': { method: 'POST', path: '/orders', body: order, other: more },
  'an order list': { method: 'POST', path: '/order-lists', body: list, other: { ...list, quantity: '0.002' } },
  'several orders': { method: 'POST', path: '/orders/batch', body: { orders: [order] }, other: { orders: [more] } },
  'a profile': { method: 'PATCH', path: '/users/me', body: { first_name: 'Ann' }, other: { first_name: 'Zoe' } },
};

const send = ({ system }: Context, { token }: Customer, { method, path }: Operation, body: object, key: string) =>
  request(method, `${system.rest}/api/v1${path}`, { token, body, headers: { 'idempotency-key': key } });

/** What an operation could have changed. */
const effects = ({ system }: Context, { userId }: Customer): Promise<unknown> =>
  system.db.one(
    `SELECT (SELECT count(*)::int FROM trading.orders WHERE user_id = $<userId>) AS orders,
            (SELECT sum(reserved_amount)::text FROM trading.orders WHERE user_id = $<userId>) AS reserved,
            (SELECT first_name FROM identity.users WHERE user_id = $<userId>) AS name`,
    { userId },
  );

const withoutTrace = ({ status, body: { trace_id: _, ...body } }: Answer): object => ({ status, body });

for (const [what, operation] of Object.entries(operations)) {
  const { body, other } = operation;
  const keyOf = (circumstance: string): string => `${circumstance}-${what.replaceAll(' ', '-')}`;

  test.serial(`key of ${what}: asked twice, the first answer and one effect`, async (t) => {
    const { context } = t;
    const first = await send(context, context.alice, operation, body, keyOf('twice'));
    t.true(first.status < 300, JSON.stringify(first.body));
    const before = await effects(context, context.alice);
    t.deepEqual(withoutTrace(await send(context, context.alice, operation, body, keyOf('twice'))), withoutTrace(first));
    t.deepEqual(await effects(context, context.alice), before);
  });

  test.serial(`key of ${what}: with other content, 422 and no effect`, async (t) => {
    const { context } = t;
    await send(context, context.alice, operation, body, keyOf('other'));
    const before = await effects(context, context.alice);
    const refused = await send(context, context.alice, operation, other, keyOf('other'));
    t.like(refused, { status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } });
    t.deepEqual(await effects(context, context.alice), before);
  });

  test.serial(`key of ${what}: of another user too, independent and nothing is told`, async (t) => {
    const { context } = t;
    const hers = await send(context, context.alice, operation, body, keyOf('shared'));
    const his = await send(context, context.bob, operation, other, keyOf('shared'));
    t.is(his.status, hers.status);
    const [told] = /"(order_id|order_list_id|user_id)":"([^"]+)"/.exec(JSON.stringify(hers.body)) ?? [];
    t.truthy(told);
    t.false(JSON.stringify(his.body).includes(told ?? ''));
  });

  test.serial(`key of ${what}: 10 kB, control characters, spaces, empty, 400 and no effect`, async (t) => {
    const { context } = t;
    const before = await effects(context, context.alice);
    for (const key of ['k'.repeat(10_000), 'k'.repeat(256), 'a\tb', 'a b', 'caf\u00e9', '']) {
      const refused = await send(context, context.alice, operation, other, key);
      t.like(refused, { status: 400, body: { code: 'INVALID_REQUEST' } }, key.slice(0, 9));
    }
    t.deepEqual(await effects(context, context.alice), before);
  });

  test.serial(`key of ${what}: a day later, new again`, async (t) => {
    const { context } = t;
    const { db } = context.system;
    await send(context, context.alice, operation, body, keyOf('old'));
    const age = "created_at = created_at - interval '24 hours 1 second'";
    await db.none(`UPDATE api.idempotency_keys SET ${age} WHERE key = $1`, [keyOf('old')]);
    await db.none(`UPDATE trading.client_order_ids SET ${age} WHERE client_order_id LIKE '%' || $1 || '%'`, [
      keyOf('old'),
    ]);
    const before = await effects(context, context.alice);
    const again = await send(context, context.alice, operation, other, keyOf('old'));
    t.true(again.status < 300, JSON.stringify(again.body));
    t.notDeepEqual(await effects(context, context.alice), before);
  });
}

const bodies: Readonly<Record<string, object>> = {
  '/admin/assets': { asset: 'NEW', scale: 8, name: 'New' },
  '/admin/markets': {
    ...{ symbol: 'NEW/USDT', base: 'NEW', quote: 'USDT', tick_size: '0.01', lot_size: '0.01', initial_price: '20' },
    ...{ min_price: '0.01', max_price: '1000', min_quantity: '0.01', max_quantity: '1000', min_notional: '1' },
    ...{ collar_percent: '5', price_band_percent: '50', maker_fee_bps: 10, taker_fee_bps: 20, status: 'ACTIVE' },
  },
  '/admin/markets/{symbol}': { version: 1, status: 'HALTED' },
};

/** Each operation that demands a key, at the internal door. */
const demanding = Object.values<Described>(adminMarketOperations).filter(
  ({ idempotency }) => idempotency === 'required',
);
for (const { method, path } of demanding) {
  test.serial(`key: none for ${method} ${path}, which demands one, 400 and no effect`, async (t) => {
    const { system, admin } = t.context;
    const count = 'SELECT count(*)::int AS n FROM trading.market_versions';
    const before = await system.db.one<object>(count);
    const url = `${system.internal}/api/v1${path.replace('{symbol}', 'BTC-USDT')}`;
    const refused = await request(method, url, { token: admin, body: bodies[path] });
    t.like(refused, { status: 400, body: { code: 'IDEMPOTENCY_KEY_REQUIRED' } });
    t.deepEqual(await system.db.one<object>(count), before);
  });
}

/** Kills the API while an operation waits inside its commit, after its key was claimed. */
async function killInside(context: Context, table: string, ask: () => Promise<Answer>): Promise<void> {
  const { system } = context;
  await system.db.tx(async (tx) => {
    await tx.none(`LOCK TABLE ${table} IN EXCLUSIVE MODE`);
    const cut = ask().catch(() => undefined);
    await until(async () => {
      const { waiting } = await tx.one<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity
          WHERE application_name = 'api' AND wait_event_type = 'Lock' AND datname = current_database()`,
      );
      return waiting > 0;
    });
    await system.kill('api');
    await cut;
  });
  await system.start('api');
}

test.serial(
  'key of several orders: the API is killed after claiming it, the retry is done at once, with one effect',
  async (t) => {
    const { context } = t;
    const { db } = context.system;
    const several = operations['several orders']!;
    const body = { orders: [order, more] };
    const ask = () => send(context, context.bob, several, body, 'killed-batch');
    const count = async () =>
      (
        await db.one<{ n: number }>('SELECT count(*)::int AS n FROM trading.orders WHERE user_id = $1', [
          context.bob.userId,
        ])
      ).n;
    const before = await count();
    await killInside(context, 'trading.orders', ask);
    const retried = await ask();
    t.is(retried.status, 200, JSON.stringify(retried.body));
    t.is(await count(), before + 2);
    t.deepEqual((await ask()).body, retried.body);
    await untilQuiet(db);
    t.deepEqual(await findBreaks(db), []);
  },
);

test.serial(
  'key of an amend: the API is killed after claiming it, 409 until it is overdue, then one effect',
  async (t) => {
    const { context } = t;
    const { db } = context.system;
    const placed = await send(context, context.bob, operations['an order']!, order, 'to-amend');
    const id = String(placed.body['order_id']);
    const amend = { method: 'PATCH', path: `/orders/${id}`, body: more, other: order };
    const ask = () => send(context, context.bob, amend, { quantity: '0.0017' }, 'killed-amend');
    await killInside(context, 'trading.commands', ask);
    t.like(await ask(), { status: 409, body: { code: 'IDEMPOTENCY_IN_PROGRESS' } });
    await db.none("UPDATE api.idempotency_keys SET claimed_until = now() - interval '1 s' WHERE key = 'killed-amend'");
    const retried = await ask();
    t.true(retried.status < 300, JSON.stringify(retried.body));
    t.deepEqual((await ask()).body, retried.body);
    await untilQuiet(db);
    const row = 'SELECT trim_scale(quantity)::text AS quantity FROM trading.orders WHERE order_id = $1';
    t.deepEqual(await db.one<object>(row, [id]), { quantity: '0.0017' });
    t.deepEqual(await findBreaks(db), []);
  },
);
