import anyTest, { type TestFn } from 'ava';
import { WebSocket } from 'ws';
import type { OrdersEvent } from '../../contract/websocket.ts';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { type Answer, request } from '../_support/http.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';
import { connect, invoke, refusal, type Rpc, withToken } from '../integration/grpc/kit.ts';

interface Trader {
  readonly token: string;
  readonly call: (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<Answer>;
  readonly balances: () => Promise<Readonly<Record<string, string>>>;
}

interface Context {
  readonly system: System;
  readonly grpc: Rpc;
  readonly traders: Trader[];
}
const test = anyTest as TestFn<Context>;

function actAs({ rest }: System, token: string): Trader {
  const call: Trader['call'] = (method, path, body, headers = {}) =>
    request(method, `${rest}/api/v1${path}`, { token, headers, ...(body === undefined ? {} : { body }) });
  return {
    token,
    call,
    async balances() {
      const { items } = (await call('GET', '/wallets')).body as { items: readonly Record<string, string>[] };
      return Object.fromEntries(items.map((one) => [String(one['asset']), `${one['available']}+${one['reserved']}`]));
    },
  };
}

test.before(async (t) => {
  const system = await startSystem();
  const customers = await createCustomers(system.internal, 8, { BTC: '10', USDT: '100000' });
  const traders = customers.map(({ token }) => actAs(system, token));
  t.context = { system, grpc: connect(system.grpc, 'OrderService'), traders };
});
test.after.always(async (t) => {
  t.context.grpc.close();
  await t.context.system.stop();
});

const bid = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '40000', quantity: '0.1' };
const placeAndRest = async ({ call }: Trader, order: object): Promise<Answer> =>
  call('POST', '/orders?response=result', order);

/** What the orders channel tells of orders that were amended. */
function followAmends({ rest }: System, { token }: Trader) {
  const socket = new WebSocket(`${rest.replace('http', 'ws')}/ws?token=${token}`);
  const changes: OrdersEvent['data']['changes'] = [];
  let began = false;
  socket.on('open', () => socket.send(JSON.stringify({ op: 'subscribe', channels: ['orders'] })));
  socket.on('message', (message: Buffer) => {
    const event = JSON.parse(message.toString()) as Partial<OrdersEvent>;
    if (event.type === 'snapshot') began = true;
    changes.push(...(event.data?.changes ?? []).filter(({ amended }) => amended !== undefined));
  });
  return { changes, close: () => socket.close(), ready: () => until(() => began) };
}

test.serial('amend: over REST and gRPC, changes the order and its funds and is told live', async (t) => {
  const { system, grpc, traders } = t.context;
  const alice = traders[0]!;
  const live = followAmends(system, alice);
  await live.ready();
  const first = await alice.call('POST', '/orders?response=result', { ...bid, client_order_id: 'amended' });
  const order_id = String(first.body['order_id']);
  t.is((await alice.balances())['USDT'], '96000+4000');
  const more = await alice.call('PATCH', `/orders/${order_id}`, { quantity: '0.2', price: '41000' });
  t.like(more, { status: 200, body: { order_id, quantity: '0.2', price: '41000', status: 'OPEN' } });
  t.is(typeof more.body['command_id'], 'string');
  t.is((await alice.balances())['USDT'], '91800+8200');
  const less = await invoke(grpc, 'AmendOrder', { order_id, quantity: '0.1' }, withToken(alice.token));
  t.like(less, { order_id, quantity: '0.1', price: '41000', status: 'ORDER_STATUS_OPEN' });
  t.is((await alice.balances())['USDT'], '95900+4100');
  await until(() => live.changes.length === 2);
  t.deepEqual(
    live.changes.map(({ status, amended }) => ({ status, amended })),
    [
      { status: 'OPEN', amended: { quantity: '0.2', price: '41000', kept_priority: false } },
      { status: 'OPEN', amended: { quantity: '0.1', price: '41000', kept_priority: true } },
    ],
  );
  live.close();
  const bids = async () => (await alice.call('GET', '/markets/BTC-USDT/depth')).body['bids'] as string[][];
  // It is told by another stream.
  await until(async () => (await bids())[0]?.[1] === '0.1');
  t.deepEqual(await bids(), [['41000', '0.1']]);
  const again = await alice.call('POST', '/orders', { ...bid, client_order_id: 'amended' });
  t.like(again, { status: 201, body: { order_id, status: 'PENDING', quantity: '0.1', price: '40000' } });
  await alice.call('DELETE', `/orders/${order_id}`);
  t.deepEqual(await alice.balances(), { BTC: '10+0', USDT: '100000+0' });
});

test.serial('amend: to a price that crosses, trades at once as the taker', async (t) => {
  const [, alice, bob] = t.context.traders;
  const resting = await placeAndRest(alice!, bid);
  await placeAndRest(bob!, { ...bid, side: 'SELL', price: '42000', quantity: '0.04' });
  const { body } = await alice!.call('PATCH', `/orders/${String(resting.body['order_id'])}`, { price: '43000' });
  t.like(body, { status: 'PARTIALLY_FILLED', filled_quantity: '0.04', price: '43000', average_price: '42000' });
  await untilQuiet(t.context.system.db);
  // 0.04 at 42 000 is paid, 0.06 at 43 000 is reserved.
  t.is((await alice!.balances())['USDT'], '95740+2580');
  const fills = await alice!.call('GET', '/trades');
  t.like((fills.body['items'] as object[])[0], { is_maker: false, price: '42000', fee: '0.00004' });
  await alice!.call('DELETE', '/orders');
  t.is((await alice!.balances())['USDT'], '98320+0');
});

test.serial('amend: refused, alike over REST and gRPC, leaves the order and the funds as they were', async (t) => {
  const { grpc, traders } = t.context;
  const [, , , alice, bob] = traders;
  const resting = await placeAndRest(alice!, { ...bid, post_only: true });
  const order_id = String(resting.body['order_id']);
  await placeAndRest(bob!, { ...bid, side: 'SELL', price: '42000', quantity: '0.04' });
  const before = (await alice!.call('GET', `/orders/${order_id}`)).body;
  const rows: readonly [Trader, object, number, string][] = [
    [alice!, { price: '42000' }, 422, 'POST_ONLY_WOULD_TAKE'],
    [alice!, { quantity: '9' }, 422, 'INSUFFICIENT_FUNDS'],
    [alice!, { price: '40000.001' }, 422, 'INVALID_PRICE'],
    [alice!, { price: '99000' }, 422, 'PRICE_OUT_OF_BAND'],
    [alice!, { quantity: '0.00001' }, 422, 'INVALID_QUANTITY'],
    [alice!, { stop_price: '50000' }, 400, 'INVALID_REQUEST'],
    [alice!, { quantity: '-1' }, 400, 'INVALID_REQUEST'],
    [alice!, {}, 400, 'INVALID_REQUEST'],
    [bob!, { quantity: '0.05' }, 404, 'ORDER_NOT_FOUND'],
  ];
  for (const [trader, changes, status, code] of rows) {
    const overRest = await trader.call('PATCH', `/orders/${order_id}`, changes);
    t.like(overRest, { status, body: { code } }, JSON.stringify(changes));
    const overGrpc = await refusal(invoke(grpc, 'AmendOrder', { order_id, ...changes }, withToken(trader.token)));
    t.is(overGrpc.code, code);
    t.deepEqual(overGrpc.problem['errors'], overRest.body['errors']);
  }
  t.like(await alice!.call('PATCH', `/orders/${order_id}`, { side: 'SELL' }), { status: 400 });
  t.deepEqual((await alice!.call('GET', `/orders/${order_id}`)).body, before);
  t.is((await alice!.balances())['USDT'], '96000+4000');
  await alice!.call('DELETE', `/orders/${order_id}`);
  t.like(await alice!.call('PATCH', `/orders/${order_id}`, { quantity: '0.05' }), {
    status: 409,
    body: { code: 'ORDER_NOT_OPEN' },
  });
});

test.serial('amend: with an Idempotency-Key, is done once and answered alike', async (t) => {
  const alice = t.context.traders[5]!;
  const order_id = String((await placeAndRest(alice, bid)).body['order_id']);
  const key = { 'idempotency-key': 'amend-once' };
  const first = await alice.call('PATCH', `/orders/${order_id}`, { quantity: '0.05' }, key);
  await alice.call('PATCH', `/orders/${order_id}`, { quantity: '0.06' });
  t.deepEqual((await alice.call('PATCH', `/orders/${order_id}`, { quantity: '0.05' }, key)).body, first.body);
  t.is((await alice.call('GET', `/orders/${order_id}`)).body['quantity'], '0.06');
  const other = await alice.call('PATCH', `/orders/${order_id}`, { quantity: '0.07' }, key);
  t.like(other, { status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } });
  // Without a key: what is asked for is there already.
  t.is((await alice.call('PATCH', `/orders/${order_id}`, { quantity: '0.060' })).status, 200);
});

test.serial('amend: a stop that waits, waits for its new price and then trades at its new limit', async (t) => {
  const [alice, bob] = t.context.traders.slice(6);
  const order = { symbol: 'ETH/USDT', side: 'BUY', order_type: 'LIMIT', price: '3000', quantity: '0.1' };
  const stop = await placeAndRest(alice!, { ...order, order_type: 'STOP_LIMIT', stop_price: '3100', price: '3100' });
  const path = `/orders/${String(stop.body['order_id'])}`;
  const amended = await alice!.call('PATCH', path, { stop_price: '3200', price: '3250', quantity: '0.2' });
  t.like(amended, { status: 200, body: { stop_price: '3200', price: '3250', quantity: '0.2', triggered_at: null } });
  t.is((await alice!.balances())['USDT'], '99350+650');
  const { system } = t.context;
  const [carol] = (await createCustomers(system.internal, 1, { ETH: '10' })).map(({ token }) => actAs(system, token));
  await placeAndRest(carol!, { ...order, side: 'SELL', price: '3150', quantity: '0.1' });
  await placeAndRest(bob!, { ...order, price: '3150' });
  t.is((await alice!.call('GET', path)).body['triggered_at'], null);
  t.like(await alice!.call('PATCH', path, { stop_price: '3150' }), {
    status: 422,
    body: { code: 'STOP_WOULD_TRIGGER' },
  });
  await placeAndRest(carol!, { ...order, side: 'SELL', price: '3200', quantity: '0.1' });
  await placeAndRest(bob!, { ...order, price: '3200' });
  await until(async () => (await alice!.call('GET', path)).body['triggered_at'] !== null);
  t.like(await alice!.call('PATCH', path, { stop_price: '3300' }), { status: 409, body: { code: 'ORDER_CHANGED' } });
  t.like(await alice!.call('PATCH', path, { price: '3100' }), { status: 200, body: { price: '3100' } });
  await untilQuiet(system.db);
  t.deepEqual(await findBreaks(system.db), []);
});
