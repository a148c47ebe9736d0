import { randomUUID } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { run } from '../../scripts/setup/commands.ts';
import { devStaff } from '../../scripts/staff.ts';
import { createOfficer } from '../_support/officers.ts';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { type Answer, request } from '../_support/http.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

type Call = (method: string, path: string, options?: { body?: unknown; key?: string }) => Promise<Answer>;

interface Context {
  readonly system: System;
  /** Signed in, at the internal door. */
  readonly admin: Call;
  /** A verified customer with these balances. */
  readonly customer: (balances: Readonly<Record<string, string>>) => Promise<Call>;
}

const test = anyTest as TestFn<Context>;

const rules = {
  tick_size: '0.001',
  lot_size: '0.01',
  min_price: '0.001',
  max_price: '10000',
  min_quantity: '0.01',
  max_quantity: '100000',
  min_notional: '1',
  collar_percent: '5',
  price_band_percent: '50',
  maker_fee_bps: 10,
  taker_fee_bps: 20,
  initial_price: '20',
  status: 'ACTIVE',
};
const newMarket = { ...rules, symbol: 'SOL/USDT', base: 'SOL', quote: 'USDT' };
const order = { symbol: 'SOL/USDT', side: 'BUY', order_type: 'LIMIT', price: '20', quantity: '1' };

const caller =
  (base: string, token: string): Call =>
  (method, path, { body, key } = {}) =>
    request(method, `${base}/api/v1${path}`, {
      token,
      body,
      headers: method === 'GET' ? {} : { 'idempotency-key': key ?? randomUUID() },
    });

test.before(async (t) => {
  const system = await startSystem();
  await run(process.execPath, ['scripts/seed.ts'], { env: { ...process.env, ...system.env } });
  const [{ email, password } = { email: '', password: '' }] = devStaff.filter(({ role }) => role === 'admin');
  const totp = await createOfficer(email).freshCode();
  const login = await request('POST', `${system.rest}/api/v1/auth/login`, { body: { email, password, totp } });
  t.is(login.status, 200);
  t.context = {
    system,
    admin: caller(system.internal, String(login.body['access_token'])),
    async customer(balances) {
      const made = await request('POST', `${system.internal}/api/v1/dev/users`, {
        body: { kyc: 'verified', balances },
      });
      return caller(system.rest, String(made.body['access_token']));
    },
  };
});
test.after.always((t) => t.context.system.stop());

const itemsOf = ({ body }: Answer): readonly Record<string, unknown>[] => body['items'] as Record<string, unknown>[];

const statusOf = async (call: Call, placed: Answer): Promise<unknown> =>
  (await call('GET', `/orders/${String(placed.body['order_id'])}`)).body['status'];

const versionOf = async (admin: Call, symbol: string): Promise<number> =>
  Number(itemsOf(await admin('GET', '/admin/markets')).find((market) => market['symbol'] === symbol)?.['version']);

const auditLines = ({ db }: System, resourceId: string) =>
  db.any<{ action: string; user_id: string; details: Record<string, Record<string, unknown>> }>(
    'SELECT action, user_id, details FROM audit.audit_logs WHERE resource_id = $1 ORDER BY id',
    [resourceId],
  );

test.serial('markets: one opened while everything runs, trades and is settled within seconds', async (t) => {
  const { system, admin, customer } = t.context;
  const asset = { asset: 'SOL', scale: 9, name: 'Solana' };
  t.like(await admin('POST', '/admin/markets', { body: newMarket }), {
    status: 400,
    body: { errors: [{ pointer: '/base' }] },
  });
  t.like(await admin('POST', '/admin/assets', { body: asset }), { status: 201, body: asset });
  t.like(await admin('POST', '/admin/assets', { body: asset }), { status: 409, body: { code: 'ASSET_EXISTS' } });
  const [buyer, seller] = [await customer({ USDT: '1000' }), await customer({ SOL: '10' })];
  const key = randomUUID();
  const opened = await admin('POST', '/admin/markets', { body: newMarket, key });
  const openedAt = performance.now();
  t.like(opened, { status: 201, body: { ...newMarket, version: 1, version_in_force: 1, reference_price: '20' } });
  const placing = async (call: Call, body: object): Promise<Answer> => {
    let placed: Answer | undefined;
    await until(async () => (placed = await call('POST', '/orders', { body })).status === 201, 5_000);
    return placed ?? t.fail();
  };
  const bid = await placing(buyer, order);
  const ask = await placing(seller, { ...order, side: 'SELL' });
  await until(async () => (await statusOf(seller, ask)) === 'FILLED', 5_000);
  t.true(performance.now() - openedAt < 2_500, `traded ${Math.round(performance.now() - openedAt)} ms later`);
  t.is(await statusOf(buyer, bid), 'FILLED');
  t.deepEqual((await admin('POST', '/admin/markets', { body: newMarket, key })).body, opened.body);
  t.like(await admin('POST', '/admin/markets', { body: newMarket }), { status: 409, body: { code: 'MARKET_EXISTS' } });
  await untilQuiet(system.db);
  await until(async () => {
    const ticker = await request('GET', `${system.rest}/api/v1/markets/SOL-USDT/ticker`);
    return ticker.status === 200 && ticker.body['last_price'] === '20';
  });
  const [added] = await auditLines(system, 'SOL');
  t.like(added, { action: 'asset.add', details: { after: asset } });
  t.like((await auditLines(system, 'SOL/USDT'))[0], {
    action: 'market.open',
    details: { after: { tickSize: '0.001' } },
  });
});

test.serial('markets: new fees, are those of later orders only', async (t) => {
  const { admin, customer } = t.context;
  const [buyer, seller] = [await customer({ USDT: '1000' }), await customer({ SOL: '10' })];
  const before = await buyer('POST', '/orders', { body: order });
  await until(async () => (await statusOf(buyer, before)) === 'OPEN');
  const version = await versionOf(admin, 'SOL/USDT');
  t.like(
    await admin('PATCH', '/admin/markets/SOL-USDT', { body: { version, maker_fee_bps: 50, taker_fee_bps: 100 } }),
    {
      status: 200,
      body: { maker_fee_bps: 50, version: version + 1, version_in_force: version + 1 },
    },
  );
  const changedAt = performance.now();
  await until(async () => (await buyer('GET', '/markets/SOL-USDT')).body['taker_fee_bps'] === 100);
  t.true(performance.now() - changedAt < 1_300, 'the door knows within a second');
  const after = await seller('POST', '/orders', { body: { ...order, side: 'SELL' } });
  await until(async () => (await statusOf(seller, after)) === 'FILLED');
  const feeOf = async (call: Call) => itemsOf(await call('GET', '/trades?symbol=SOL-USDT'))[0]?.['fee'];
  t.is(await feeOf(buyer), '0.001');
  t.is(await feeOf(seller), '0.2');
});

test.serial('markets: halted and resumed, say so to everybody, and refuse and take orders', async (t) => {
  const { system, admin, customer } = t.context;
  const buyer = await customer({ USDT: '1000' });
  const open = await buyer('POST', '/orders', { body: order });
  const turn = async (status: string): Promise<void> => {
    const version = await versionOf(admin, 'SOL/USDT');
    t.is((await admin('PATCH', '/admin/markets/SOL-USDT', { body: { version, status } })).status, 200);
    await until(async () => (await buyer('GET', '/markets/SOL-USDT')).body['status'] === status);
  };
  await turn('HALTED');
  t.like(await buyer('POST', '/orders', { body: order }), { status: 422, body: { code: 'MARKET_NOT_ACTIVE' } });
  t.is((await buyer('DELETE', `/orders/${String(open.body['order_id'])}`)).status, 200);
  await turn('ACTIVE');
  t.is((await buyer('POST', '/orders', { body: order })).status, 201);
  const changes = (await auditLines(system, 'SOL/USDT')).filter(({ action }) => action === 'market.change');
  t.like(changes.at(-2)?.details, { before: { status: 'ACTIVE' }, after: { status: 'HALTED' } });
  t.like(changes.at(-1)?.details, { before: { status: 'HALTED' }, after: { status: 'ACTIVE' } });
  t.truthy(changes.at(-1)?.user_id);
});

test.serial('markets: two administrators at once, one is told that it changed', async (t) => {
  const { system, admin } = t.context;
  const version = await versionOf(admin, 'ETH/USDT');
  const answers = await Promise.all(
    ['2', '3', '4', '5'].map((min_notional) =>
      admin('PATCH', '/admin/markets/ETH-USDT', { body: { version, min_notional } }),
    ),
  );
  t.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409, 409, 409]);
  t.is(answers.filter(({ body }) => body['code'] === 'MARKET_CHANGED').length, 3);
  t.is(await versionOf(admin, 'ETH/USDT'), version + 1);
  t.is((await auditLines(system, 'ETH/USDT')).length, 1);
});

test.serial('markets: changes that cannot be, are refused with every field', async (t) => {
  const { system, admin } = t.context;
  const version = await versionOf(admin, 'SOL/USDT');
  const change = (body: object) => admin('PATCH', '/admin/markets/SOL-USDT', { body: { version, ...body } });
  t.like(await change({ min_price: '0.0005', collar_percent: '0', status: 'HALTED' }), {
    status: 400,
    body: {
      code: 'INVALID_REQUEST',
      errors: [{ pointer: '/min_price' }, { pointer: '/min_price' }, { pointer: '/collar_percent' }],
    },
  });
  t.like(await change({ tick_size: '0.0005' }), { status: 422, body: { code: 'MARKET_STEP_FIXED' } });
  t.is((await change({ tick_size: '0.0010' })).status, 200, 'the same tick in another spelling');
  t.like(await admin('PATCH', '/admin/markets/ABC-USDT', { body: { version, status: 'HALTED' } }), {
    status: 404,
    body: { code: 'MARKET_NOT_FOUND' },
  });
  const user = await request('POST', `${system.internal}/api/v1/dev/users`, { body: {} });
  for (const [token, status] of [[undefined, 401] as const, [String(user.body['access_token']), 403] as const]) {
    t.is((await request('GET', `${system.internal}/api/v1/admin/markets`, { token })).status, status);
  }
});

test.serial(
  'markets: tick and lot made finer while halted, orders stay and finer ones are taken at once',
  async (t) => {
    const { admin, customer, system } = t.context;
    const [buyer, seller] = [await customer({ USDT: '1000' }), await customer({ SOL: '10' })];
    const change = async (body: object) => {
      const version = await versionOf(admin, 'SOL/USDT');
      return admin('PATCH', '/admin/markets/SOL-USDT', { body: { version, ...body } });
    };
    const resting = await buyer('POST', '/orders', { body: { ...order, price: '19', quantity: '2' } });
    await until(async () => (await statusOf(buyer, resting)) === 'OPEN');
    t.is((await change({ status: 'HALTED' })).status, 200);
    const depth = async () => (await request('GET', `${system.rest}/api/v1/markets/SOL-USDT/depth`)).body;
    await until(async () => ((await depth())['bids'] as unknown[]).length > 0);
    const before = await depth();
    t.like(await change({ tick_size: '0.0003' }), { status: 400, body: { errors: [{ pointer: '/tick_size' }] } });
    t.like(await change({ tick_size: '0.0005', lot_size: '0.002' }), { status: 200, body: { tick_size: '0.0005' } });
    t.deepEqual(await depth(), before);
    t.is((await change({ status: 'ACTIVE' })).status, 200);
    const fine = { ...order, price: '18.9995', quantity: '1.002' };
    await until(async () => (await buyer('POST', '/orders', { body: fine })).status === 201, 1_300);
    t.is((await buyer('POST', '/orders', { body: { ...fine, price: '18.9993' } })).body['code'], 'INVALID_PRICE');
    const id = String(resting.body['order_id']);
    t.like(await buyer('PATCH', `/orders/${id}`, { body: { quantity: '1.998' } }), { status: 200 });
    const sold = await seller('POST', '/orders', { body: { ...fine, side: 'SELL', quantity: '3.5' } });
    await until(async () => (await statusOf(seller, sold)) === 'FILLED');
    const fills = itemsOf(await seller('GET', '/trades?symbol=SOL-USDT'));
    t.deepEqual(fills.map(({ price, quantity }) => `${String(quantity)}@${String(price)}`).toSorted(), [
      '0.502@18.9995',
      '1.998@19',
      '1@20',
    ]);
    await until(async () => (await buyer('GET', '/markets/SOL-USDT')).body['reference_price'] === '18.9995');
  },
);

test.serial('markets: after all that, the books are sound and replay', async (t) => {
  const { system } = t.context;
  await untilQuiet(system.db);
  t.deepEqual(await findBreaks(system.db), []);
  t.deepEqual(system.lost(), []);
});
