import anyTest, { type TestFn } from 'ava';
import { parse } from 'csv-parse/sync';
import { processStart } from '../../domain/processes.ts';
import { createIds } from '../../platform/ids.ts';
import { insertUser } from '../../storage/identity/users.ts';
import { addAssets } from '../../storage/ledger/assets.ts';
import { reserve } from '../../storage/ledger/reservations.ts';
import { addToOutbox } from '../../storage/outbox/outbox.ts';
import { request } from '../_support/http.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';
import { connect, invoke, withToken } from '../integration/grpc/kit.ts';

interface Context {
  readonly system: System;
  readonly call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Called>;
  readonly newUser: () => Promise<string>;
  readonly balances: (userId: string) => Promise<string>;
}

interface Called {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const test = anyTest as TestFn<Context>;
const newId = createIds(() => new Date());
const token = 'development-only-service-token-32-chars';

test.before(async (t) => {
  const system = await startSystem();
  await addAssets(system.db, [
    { asset: 'BTC', scale: 8, name: 'Bitcoin' },
    { asset: 'USDT', scale: 6, name: 'Tether' },
  ]);
  const call: Context['call'] = (method, path, body, headers = {}) =>
    request(method, `${system.internal}/api/v1${path}`, { token, body, headers });
  const newUser = async () => {
    const userId = newId();
    const email = `${userId}@example.com`;
    const at = new Date();
    const user = { userId, email, emailNormalised: email, passwordHash: '-', role: 'user' } as const;
    await insertUser(system.db, { ...user, verifiedAt: at, createdAt: at });
    return userId;
  };
  const balances = async (userId: string) => {
    const { body } = await call('GET', `/wallets/${userId}`);
    const items = body['items'] as readonly { asset: string; available: string; reserved: string }[];
    return items.map(({ asset, available, reserved }) => `${asset} ${available}/${reserved}`).join(', ');
  };
  t.context = { system, call, newUser, balances };
});
test.after.always(({ context }) => context.system.stop());

const deposit = (userId: string, asset: string, amount: string) => ({
  user_id: userId,
  asset,
  amount,
  reference: newId(),
});

test.serial('wallets: deposits by the development rail, then the worked example over REST', async (t) => {
  const { call, newUser, balances } = t.context;
  const [buyer, seller] = [await newUser(), await newUser()];
  const reported = await call('POST', '/dev/deposits', deposit(buyer, 'USDT', '51000'));
  t.is(reported.status, 202);
  t.is((await call('POST', '/dev/deposits', deposit(seller, 'BTC', '1.0'))).status, 202);
  await until(async () => (await balances(buyer)) === 'USDT 51000/0' && (await balances(seller)) === 'BTC 1/0', 20_000);

  const buy = { user_id: buyer, asset: 'USDT', amount: '50000', order_id: newId(), reason: 'BUY_ORDER' };
  const sell = { user_id: seller, asset: 'BTC', amount: '1', order_id: newId(), reason: 'SELL_ORDER' };
  const reserved = await call('POST', '/wallets/reserve', buy);
  t.like(reserved, { status: 200, body: { success: true, available_balance: '1000', reserved_balance: '50000' } });
  t.deepEqual((await call('POST', '/wallets/reserve', buy)).body, reserved.body);
  t.like(await call('POST', '/wallets/reserve', { ...buy, amount: '1' }), {
    status: 422,
    body: { code: 'IDEMPOTENCY_CONFLICT' },
  });
  t.is((await call('POST', '/wallets/reserve', sell)).status, 200);
  const trade = {
    trade_id: newId(),
    buyer_user_id: buyer,
    seller_user_id: seller,
    base_asset: 'BTC',
    quote_asset: 'USDT',
    quantity: '1',
    price: '50000',
    buyer_fee: '0.001',
    seller_fee: '50',
    buyer_fee_asset: 'BTC',
    seller_fee_asset: 'USDT',
  };
  const settled = await call('POST', '/wallets/settle-trade', trade);
  t.is(settled.status, 200);
  t.deepEqual((await call('POST', '/wallets/settle-trade', trade)).body, settled.body);
  t.is(await balances(buyer), 'BTC 0.999/0, USDT 1000/0');
  t.is(await balances(seller), 'BTC 0/0, USDT 49950/0');
});

test.serial('wallets: a release in parts and of the rest, once for its key or order, and never of more', async (t) => {
  const { call, newUser, balances } = t.context;
  const user = await newUser();
  await call('POST', '/dev/deposits', deposit(user, 'USDT', '100'));
  await until(async () => (await balances(user)) === 'USDT 100/0', 20_000);
  const body = { user_id: user, asset: 'USDT', amount: '100', order_id: newId(), reason: 'BUY_ORDER' };
  const reserved = { success: true, reservation_id: body.order_id, available_balance: '0', reserved_balance: '100' };
  t.deepEqual((await call('POST', '/wallets/reserve', body)).body, reserved);
  const part = { ...body, amount: '30', reason: 'ORDER_CANCELLED' };
  const code = async (sent: object, headers?: Record<string, string>) =>
    (await call('POST', '/wallets/release', sent, headers)).body['code'];
  t.is(await code(part), 'IDEMPOTENCY_KEY_REQUIRED');
  t.is(await code({ ...part, amount: '100.000001' }), 'RELEASE_EXCEEDS_RESERVATION');
  const left = { success: true, reservation_id: body.order_id, available_balance: '30', reserved_balance: '70' };
  const key = { 'idempotency-key': 'part-1' };
  t.deepEqual((await call('POST', '/wallets/release', part, key)).body, left);
  t.deepEqual((await call('POST', '/wallets/release', { ...part, amount: '30.0' }, key)).body, left);
  t.is(await code({ ...part, amount: '31' }, key), 'IDEMPOTENCY_CONFLICT');
  const rest = { ...part, amount: '70' };
  t.like(await call('POST', '/wallets/release', rest), { status: 200, body: { reserved_balance: '0' } });
  t.like(await call('POST', '/wallets/release', rest), { status: 200, body: { reserved_balance: '0' } });
  t.is(await code({ ...rest, amount: '69' }), 'IDEMPOTENCY_CONFLICT');
  t.is(await balances(user), 'USDT 100/0');
});

test.serial('wallets: without a service token or with bad input, refused and nothing changes', async (t) => {
  const { system, call, newUser, balances } = t.context;
  const user = await newUser();
  const body = { user_id: user, asset: 'BTC', amount: '1', order_id: newId(), reason: 'BUY_ORDER' };
  const url = `${system.internal}/api/v1/wallets/reserve`;
  t.is((await request('POST', url, { body })).status, 401);
  t.is((await request('POST', url, { body, token: 'x'.repeat(39) })).status, 401);
  t.is((await request('POST', `${system.rest}/api/v1/wallets/reserve`, { body, token })).status, 404);
  for (const bad of [
    { amount: 1 },
    { amount: '1e3' },
    { amount: '-1' },
    { asset: 'btc' },
    { extra: 1 },
    { order_id: 'x' },
  ]) {
    const answer = await call('POST', '/wallets/reserve', { ...body, ...bad });
    t.like(answer, { status: 400, body: { code: 'INVALID_REQUEST' } }, JSON.stringify(bad));
  }
  t.like(await call('POST', '/wallets/reserve', body), { status: 422, body: { code: 'INSUFFICIENT_FUNDS' } });
  t.like(await call('POST', '/wallets/release', body), { status: 404, body: { code: 'RESERVATION_NOT_FOUND' } });
  t.is(await balances(user), '');
});

test.serial('settlement: trades committed and a hint by the outbox, settled by the market’s workflow', async (t) => {
  const { system, call, newUser, balances } = t.context;
  const { db } = system;
  const [buyer, seller] = [await newUser(), await newUser()];
  await call('POST', '/dev/deposits', deposit(buyer, 'USDT', '5000'));
  await call('POST', '/dev/deposits', deposit(seller, 'BTC', '10'));
  await until(async () => (await balances(buyer)) === 'USDT 5000/0' && (await balances(seller)) === 'BTC 10/0', 20_000);
  const [buy, sell] = [newId(), newId()];
  const wanted = [
    { reservationId: buy, userId: buyer, asset: 'USDT', amount: '5000', reason: 'BUY_ORDER' },
    { reservationId: sell, userId: seller, asset: 'BTC', amount: '10', reason: 'SELL_ORDER' },
  ];
  t.deepEqual(await reserve(db, 'order', wanted, new Date()), [true, true]);
  await db.tx(async (tx) => {
    // Trades as a matcher commits them, but without its orders.
    await tx.none('SET LOCAL session_replication_role = replica');
    for (let seq = 1; seq <= 1_000; seq += 1) {
      await tx.none(
        `INSERT INTO trading.trades
         VALUES ($1, 'BTC/USDT', $2, $3, $4, $5, $6, 400, 0.01, 0.01, 4, 0.00001, 0.004, 1, true, now())`,
        [newId(), seq, buy, sell, buyer, seller],
      );
    }
    const start = processStart('settlement', 'BTC/USDT');
    const hint = { aggregate: 'settlement:BTC/USDT', kind: 'signal_with_start', signal: 'tradesMatched' } as const;
    await addToOutbox(tx, [{ ...hint, ...start }], new Date());
  });
  const begun = performance.now();
  await until(async () => (await balances(seller)) === 'BTC 0/0, USDT 3996/0', 30_000);
  t.log(`1 000 trades settled by the workflow within ${Math.round(performance.now() - begun)} ms`);
  t.is(await balances(buyer), 'BTC 9.99/0, USDT 1000/0');
  const status = await system.temporal.client.workflow.getHandle('settlement:BTC-USDT').describe();
  t.is(status.status.name, 'RUNNING');
});

test.serial(
  'settle trade: of our own matcher, answered from the books by its row’s figures and by no others',
  async (t) => {
    const { system, call, balances } = t.context;
    const row = await system.db.one<Record<string, string>>(
      `SELECT trade_id, buyer_user_id, seller_user_id, trim_scale(quantity)::text AS quantity,
            trim_scale(price)::text AS price, trim_scale(buyer_fee)::text AS buyer_fee,
            trim_scale(seller_fee)::text AS seller_fee
       FROM trading.trades ORDER BY trade_seq LIMIT 1`,
    );
    const assets = { base_asset: 'BTC', quote_asset: 'USDT', buyer_fee_asset: 'BTC', seller_fee_asset: 'USDT' };
    const trade = { ...row, ...assets };
    const before = await balances(row['seller_user_id'] ?? '');
    for (const other of [
      { price: '401' },
      { quantity: '0.02' },
      { seller_fee: '0' },
      { buyer_user_id: newId() },
      { buyer_order_id: newId() },
      { base_asset: 'ETH', buyer_fee_asset: 'ETH' },
    ]) {
      const answer = await call('POST', '/wallets/settle-trade', { ...trade, ...other });
      t.like(answer, { status: 422, body: { code: 'TRADE_MISMATCH' } }, JSON.stringify(other));
    }
    const answer = await call('POST', '/wallets/settle-trade', trade);
    const leg = (number: number): string => (row['trade_id'] ?? '').slice(0, -1) + String(number);
    t.like(answer, { status: 200, body: { buyer_ledger_entry_id: leg(1), seller_ledger_entry_id: leg(2) } });
    t.deepEqual((await call('POST', '/wallets/settle-trade', trade)).body, answer.body);
    t.is(await balances(row['seller_user_id'] ?? ''), before);
  },
);

test.serial('statement: as JSON, as CSV page by page and over gRPC, the same entries', async (t) => {
  const { system } = t.context;
  const [customer] = await createCustomers(system.internal, 1, { USDT: '2000' });
  const { userId, token: own } = customer!;
  const reserved = { user_id: userId, asset: 'USDT', amount: '50.5', order_id: newId(), reason: 'BUY_ORDER' };
  t.is((await t.context.call('POST', '/wallets/reserve', reserved)).status, 200);
  const path = '/api/v1/wallets/USDT/entries';
  const { body } = await request('GET', `${system.rest}${path}`, { token: own });
  const items = body['items'] as Record<string, string>[];
  t.like(items[0], { asset: 'USDT', account: 'available', counter_account: 'reserved', amount: '-50.5' });
  t.like(items.at(-1), { kind: 'DEPOSIT', counter_account: 'clearing', balance_after: '2000' });

  const rows: unknown[] = [];
  let next: string | undefined = `${path}?limit=2&start=2026-01-01T00:00:00Z`;
  while (next !== undefined) {
    const headers = { accept: 'text/csv', authorization: `Bearer ${own}` };
    const answer: Response = await fetch(`${system.rest}${next}`, { headers });
    t.is(answer.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
    t.is(answer.headers.get('cache-control'), 'no-store');
    rows.push(...parse(await answer.text(), { columns: true }));
    [, next] = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '') ?? [];
  }
  t.deepEqual(rows, items);

  const wallets = connect(system.grpc, 'WalletService');
  t.teardown(() => wallets.close());
  const told = await invoke(wallets, 'ListEntries', { asset: 'USDT' }, withToken(own));
  const plain = JSON.stringify(told['items']).replaceAll(/"(?:WALLET|COUNTER)_ACCOUNT_(\w+)"/g, (_, name: string) =>
    JSON.stringify(name.toLowerCase()),
  );
  t.deepEqual(JSON.parse(plain.replaceAll('TRANSFER_KIND_', '')), items);

  const refused = await fetch(`${system.rest}${path}?start=today`, {
    headers: { accept: 'text/csv', authorization: `Bearer ${own}` },
  });
  t.is(refused.status, 400);
  t.is(refused.headers.get('content-type')?.split(';')[0], 'application/problem+json');
});
