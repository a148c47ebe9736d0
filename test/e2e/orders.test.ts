import { randomUUID } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { type Answer, request } from '../_support/http.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

type Call = (
  method: string,
  path: string,
  options?: { body?: unknown; raw?: string; headers?: Record<string, string> },
) => Promise<Answer>;

interface Context {
  readonly system: System;
  /** A verified customer with these balances: what he calls with. */
  readonly customer: (balances: Readonly<Record<string, string>>) => Promise<Call>;
}

const test = anyTest as TestFn<Context>;

const limit = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '50000', quantity: '0.01' };

test.before(async (t) => {
  const system = await startSystem();
  const customer: Context['customer'] = async (balances) => {
    const made = await request('POST', `${system.internal}/api/v1/dev/users`, { body: { kyc: 'verified', balances } });
    const token = String(made.body['access_token']);
    return (method, path, options = {}) => request(method, `${system.rest}/api/v1${path}`, { token, ...options });
  };
  t.context = { system, customer };
});
test.after.always((t) => t.context.system.stop());

const itemsOf = ({ body }: Answer): readonly Record<string, unknown>[] => body['items'] as Record<string, unknown>[];

test.serial('orders: a maker and a taker, trade and see order and fill', async (t) => {
  const { customer } = t.context;
  const [alice, bob] = [await customer({ USDT: '1000' }), await customer({ BTC: '1' })];
  const bid = await alice('POST', '/orders', { body: { ...limit, client_order_id: 'bid-1' } });
  t.like(bid, {
    status: 201,
    body: { status: 'PENDING', price: '50000', filled_quantity: '0', client_order_id: 'bid-1' },
  });
  const ask = await bob('POST', '/orders', {
    body: { ...limit, side: 'SELL', order_type: 'MARKET', price: undefined },
  });
  t.is(ask.status, 201);
  await until(async () => (await bob('GET', `/orders/${String(ask.body['order_id'])}`)).body['status'] === 'FILLED');
  t.like(await alice('GET', '/orders/by-client-id/bid-1'), {
    status: 200,
    body: { status: 'FILLED', filled_quantity: '0.01', average_price: '50000', fees: '0.00001', executed_quote: '500' },
  });
  t.deepEqual((await alice('POST', '/orders', { body: { ...limit, client_order_id: 'bid-1' } })).body, bid.body);
  t.like(itemsOf(await alice('GET', '/trades?symbol=BTC-USDT'))[0], {
    order_id: bid.body['order_id'],
    side: 'BUY',
    fee: '0.00001',
    fee_asset: 'BTC',
    is_maker: true,
  });
  t.like(itemsOf(await bob('GET', '/trades'))[0], { side: 'SELL', fee: '0.5', fee_asset: 'USDT', is_maker: false });
});

test.serial('orders: two of one user that would trade, list what was prevented, to nobody else', async (t) => {
  const { customer } = t.context;
  const [alice, bob] = [await customer({ USDT: '1000', BTC: '1' }), await customer({})];
  const bid = await alice('POST', '/orders', { body: limit });
  const sell = { ...limit, side: 'SELL', self_trade_prevention: 'EXPIRE_MAKER', time_in_force: 'IOC' };
  const ask = await alice('POST', '/orders?response=result', { body: sell });
  t.like(ask, { status: 201, body: { status: 'CANCELLED', prevented_quantity: '0' } });
  const path = `/orders/${String(bid.body['order_id'])}/prevented-matches`;
  const listed = await alice('GET', path);
  t.like(itemsOf(listed)[0], {
    maker_order_id: bid.body['order_id'],
    taker_order_id: ask.body['order_id'],
    price: '50000',
    quantity: '0.01',
    self_trade_prevention: 'EXPIRE_MAKER',
  });
  t.is(itemsOf(listed).length, 1);
  const page = await alice('GET', `${path}?limit=1`);
  t.like(await alice('GET', `${path}?limit=1&cursor=${String(page.body['next_cursor'])}`), { body: { items: [] } });
  t.like(await bob('GET', path), { status: 404, body: { code: 'ORDER_NOT_FOUND' } });
});

test.serial('orders: cancelled, give their funds back, and once only', async (t) => {
  const { customer } = t.context;
  const alice = await customer({ USDT: '1500' });
  const low = { ...limit, price: '30000' };
  const { body } = await alice('POST', '/orders', { body: low });
  const path = `/orders/${String(body['order_id'])}`;
  const cancelled = await alice('DELETE', path);
  t.like(cancelled, { status: 200, body: { status: 'CANCELLED', reject_reason: 'USER' } });
  t.is(typeof cancelled.body['command_id'], 'string');
  t.like(await alice('DELETE', path), { status: 409, body: { code: 'ORDER_NOT_OPEN' } });
  for (let count = 0; count < 3; count += 1) await alice('POST', '/orders', { body: low });
  t.is(itemsOf(await alice('GET', '/orders?symbol=BTC-USDT&side=BUY')).length, 4);
  t.like(await alice('DELETE', '/orders?symbol=BTC-USDT'), {
    status: 200,
    body: { items: [{ symbol: 'BTC/USDT', done: true }] },
  });
  t.deepEqual(itemsOf(await alice('GET', '/wallets')), [{ asset: 'USDT', available: '1500', reserved: '0' }]);
});

test.serial('orders: a stop, waits OPEN until a trade comes to its price, then acts and says when', async (t) => {
  const { customer } = t.context;
  const [alice, bob, carol] = [
    await customer({ USDT: '2000' }),
    await customer({ ETH: '2' }),
    await customer({ ETH: '1' }),
  ];
  const stop = { symbol: 'ETH/USDT', side: 'SELL', order_type: 'STOP', stop_price: '2950', quantity: '0.1' };
  const placed = await carol('POST', '/orders?response=result', { body: stop });
  t.like(placed.body, { status: 'OPEN', stop_price: '2950', triggered_at: null, time_in_force: 'IOC', price: null });
  const depth = await carol('GET', '/markets/ETH-USDT/depth');
  t.deepEqual(depth.body['asks'], []);
  const bid = { symbol: 'ETH/USDT', side: 'BUY', order_type: 'LIMIT', quantity: '0.2', price: '2950' };
  await alice('POST', '/orders', { body: bid });
  await bob('POST', '/orders', { body: { ...bid, side: 'SELL', quantity: '0.1' } });
  const path = `/orders/${String(placed.body['order_id'])}`;
  await until(async () => (await carol('GET', path)).body['status'] === 'FILLED');
  const { body } = await carol('GET', path);
  t.like(body, { filled_quantity: '0.1', average_price: '2950' });
  t.is(body['triggered_at'], body['filled_at']);
  const late = await carol('POST', '/orders?response=result', { body: { ...stop, stop_price: '2960' } });
  t.like(late.body, { status: 'REJECTED', reject_reason: 'STOP_WOULD_TRIGGER' });
});

test.serial('orders: an Idempotency-Key alone, makes a repeat the same order', async (t) => {
  const alice = await t.context.customer({ USDT: '10000' });
  const headers = { 'idempotency-key': 'place-once' };
  const body = { ...limit, price: '30000' };
  const answers = await Promise.all(Array.from({ length: 50 }, () => alice('POST', '/orders', { body, headers })));
  t.is(new Set(answers.map((answer) => JSON.stringify(answer.body))).size, 1);
  t.is(answers[0]?.body['client_order_id'], null);
  t.like(await alice('POST', '/orders', { body: limit, headers }), {
    status: 422,
    body: { code: 'IDEMPOTENCY_CONFLICT' },
  });
});

test.serial('orders: an Idempotency-Key used on another route, is a conflict either way', async (t) => {
  const alice = await t.context.customer({ USDT: '10000' });
  const low = { ...limit, price: '30000' };
  const conflict = { status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } };
  const single = { body: low, headers: { 'idempotency-key': 'single' } };
  const several = { body: { orders: [low] }, headers: { 'idempotency-key': 'several' } };
  t.is((await alice('POST', '/orders', single)).status, 201);
  t.is((await alice('POST', '/orders/batch', several)).status, 200);
  t.like(await alice('POST', '/orders/batch', { ...several, headers: single.headers }), conflict);
  t.like(await alice('POST', '/orders', { ...single, headers: several.headers }), conflict);
  t.like(await alice('DELETE', '/orders', { headers: single.headers }), conflict);
  t.is((await alice('POST', '/orders', single)).status, 201);
  t.is(itemsOf(await alice('GET', '/orders')).length, 2);
});

test.serial("orders: somebody else's and unknown ones, answer alike", async (t) => {
  const { customer } = t.context;
  const [alice, bob] = [await customer({ USDT: '1000' }), await customer({})];
  const { body } = await alice('POST', '/orders', { body: { ...limit, price: '30000' } });
  for (const id of [String(body['order_id']), randomUUID()]) {
    for (const method of ['GET', 'DELETE']) {
      t.like(await bob(method, `/orders/${id}`), { status: 404, body: { code: 'ORDER_NOT_FOUND' } });
    }
  }
});

test.serial('orders: bad input, is refused by field and changes nothing', async (t) => {
  const alice = await t.context.customer({ USDT: '1000' });
  const numbers: readonly unknown[] = [
    0.5,
    1,
    null,
    [],
    {},
    '',
    ' 1',
    '1,0',
    '-1',
    '-0',
    '+1',
    '1e3',
    '1e30',
    '0x10',
    'NaN',
    'Infinity',
    '１',
    '01',
    '9'.repeat(41),
  ];
  for (const field of ['price', 'quantity']) {
    for (const value of numbers) {
      const answer = await alice('POST', '/orders', { body: { ...limit, [field]: value } });
      t.like(answer, { status: 400, body: { code: 'INVALID_REQUEST' } }, `${field} ${JSON.stringify(value)}`);
      t.is((answer.body['errors'] as { pointer: string }[])[0]?.pointer, `/${field}`);
    }
  }
  const text = JSON.stringify(limit);
  const rows: readonly [string, number, string][] = [
    ['{', 400, 'INVALID_REQUEST'],
    [text.replace('{', '{"price":"1",'), 400, 'INVALID_REQUEST'],
    [JSON.stringify({ ...limit, extra: 1 }), 400, 'INVALID_REQUEST'],
    [JSON.stringify({ ...limit, symbol: 'DOGE/USDT' }), 404, 'MARKET_NOT_FOUND'],
    [JSON.stringify({ ...limit, price: '0' }), 422, 'INVALID_PRICE'],
    [JSON.stringify({ ...limit, price: '1.001' }), 422, 'INVALID_PRICE'],
    [JSON.stringify({ ...limit, price: '1.0000001' }), 400, 'INVALID_REQUEST'],
    [JSON.stringify({ ...limit, quantity: '0.00001' }), 422, 'INVALID_QUANTITY'],
    [JSON.stringify({ ...limit, quantity: '999' }), 422, 'INSUFFICIENT_FUNDS'],
    [JSON.stringify({ ...limit, price: '99999' }), 422, 'PRICE_OUT_OF_BAND'],
    [JSON.stringify({ ...limit, price: '1', quantity: '0.1' }), 422, 'MIN_NOTIONAL'],
  ];
  for (const [raw, status, code] of rows)
    t.like(await alice('POST', '/orders', { raw }), { status, body: { code } }, raw);
  t.deepEqual(itemsOf(await alice('GET', '/orders')), []);
  t.deepEqual(itemsOf(await alice('GET', '/wallets')), [{ asset: 'USDT', available: '1000', reserved: '0' }]);
});

test.serial('markets: anybody, reads their rules', async (t) => {
  const url = `${t.context.system.rest}/api/v1/markets`;
  t.is(itemsOf(await request('GET', url)).length, 3);
  t.like(await request('GET', `${url}/XRP-USDT`), {
    status: 200,
    body: { symbol: 'XRP/USDT', tick_size: '0.0001', min_quantity: '10' },
  });
  t.like(await request('GET', `${url}/DOGE-USDT`), { status: 404, body: { code: 'MARKET_NOT_FOUND' } });
});
