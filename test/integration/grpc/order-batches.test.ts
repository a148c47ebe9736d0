import { status } from '@grpc/grpc-js';
import test from 'ava';
import { request } from '../../_support/http.ts';
import type { Kit } from '../trading/kit.ts';
import { invoke, refusal, type Rpc, withToken } from './kit.ts';
import { buy, openOrderDoors, type OrderDoors, toProto } from './order-doors.ts';

let doors: OrderDoors;
let kit: Kit;
let orders: Rpc;
let rest: string;

test.before(async () => {
  doors = await openOrderDoors();
  ({ kit, orders, rest } = doors);
});
test.after.always(() => doors.close());

type Items = readonly { order?: Record<string, unknown>; problem?: Record<string, unknown>; done?: boolean }[];

test('doors: a batch of good and bad orders, each item alike over both and the bad ones change nothing', async (t) => {
  const { userId } = await kit.customer({ USDT: '1000' });
  const batch: readonly Record<string, unknown>[] = [
    { ...buy, client_order_id: 'good' },
    { ...buy, client_order_id: 'good' },
    { ...buy, client_order_id: 'good', quantity: '0.005' },
    { ...buy, price: '1e3' },
    { ...buy, price: '50000.001' },
    { ...buy, symbol: 'ABC/XYZ' },
    { ...buy, quantity: '0.02' },
    { ...buy, client_order_id: 'also good', quantity: '0.005' },
    { ...buy, client_order_id: 'fine', quantity: '0.005' },
  ];
  const expected = [
    undefined,
    undefined,
    'IDEMPOTENCY_CONFLICT',
    'INVALID_REQUEST',
    'INVALID_PRICE',
    'MARKET_NOT_FOUND',
    'INSUFFICIENT_FUNDS',
    'INVALID_REQUEST',
    undefined,
  ];
  const overRest = await request('POST', `${rest}/orders/batch`, { token: userId, body: { orders: batch } });
  t.is(overRest.status, 200);
  const items = overRest.body['items'] as Items;
  t.deepEqual(
    items.map(({ problem }) => problem?.['code']),
    expected,
  );
  t.is(items[1]?.order?.['order_id'], items[0]?.order?.['order_id']);
  t.like(items[3]?.problem, { status: 400, errors: [{ pointer: '/orders/3/price', code: 'INVALID_REQUEST' }] });
  t.like(items[4]?.problem, { status: 422, errors: [{ pointer: '/orders/4/price', code: 'INVALID_PRICE' }] });
  t.like(items[7]?.problem, { status: 400, errors: [{ pointer: '/orders/7/client_order_id' }] });
  t.is(typeof items[3]?.problem?.['trace_id'], 'string');
  const overGrpc = await invoke(orders, 'PlaceOrders', { orders: batch.map(toProto) }, withToken(userId));
  const same = overGrpc['items'] as Items;
  t.deepEqual(
    same.map(({ order, problem }) => [order?.['order_id'], problem?.['code'], problem?.['errors'] ?? []]),
    items.map(({ order, problem }) => [order?.['order_id'], problem?.['code'], problem?.['errors'] ?? []]),
  );
  t.is((await kit.orders(userId)).length, 2);
  t.deepEqual(await kit.balances(userId, 'USDT'), { available: '250', reserved: '750' });
});

test('doors: a batch that cannot be read, has no item or more than 50, refused whole', async (t) => {
  const { userId } = await kit.customer();
  const many = Array.from({ length: 51 }, () => buy);
  for (const body of [
    {},
    { orders: [] },
    { orders: many },
    { orders: buy },
    { orders: [buy], more: 1 },
    { order_ids: [] },
  ]) {
    const answer = await request('POST', `${rest}/orders/batch`, { token: userId, body });
    t.like(answer, { status: 400, body: { code: 'INVALID_REQUEST' } }, JSON.stringify(body));
  }
  for (const list of [[], many.map(toProto)]) {
    const call = invoke(orders, 'PlaceOrders', { orders: list }, withToken(userId));
    t.like(await refusal(call), { status: status.INVALID_ARGUMENT, code: 'INVALID_REQUEST' });
  }
  for (const body of [{ order_ids: [] }, { order_ids: many.map(() => userId) }, { order_ids: 'all' }]) {
    t.is((await request('DELETE', `${rest}/orders/batch`, { token: userId, body })).status, 400);
  }
  t.deepEqual(await kit.orders(userId), []);
});

test('doors: a batch of an unverified customer, KYC_REQUIRED whole', async (t) => {
  const { userId } = await kit.customer();
  doors.unverified.add(userId);
  const answer = await request('POST', `${rest}/orders/batch`, { token: userId, body: { orders: [buy] } });
  t.like(answer, { status: 403, body: { code: 'KYC_REQUIRED' } });
});

test('doors: a batch of cancels, each item alike over REST and gRPC', async (t) => {
  const [owner, other] = [await kit.customer(), await kit.customer()];
  const mine = await invoke(orders, 'PlaceOrder', toProto(buy), withToken(owner.userId));
  const theirs = await invoke(orders, 'PlaceOrder', toProto(buy), withToken(other.userId));
  const order_ids = [mine['order_id'], theirs['order_id'], 'nonsense'];
  const overRest = await request('DELETE', `${rest}/orders/batch`, { token: owner.userId, body: { order_ids } });
  t.is(overRest.status, 200);
  const [open, unknown, malformed] = overRest.body['items'] as Items;
  // Nobody matches here: it stays on its way.
  t.like(open, { done: false, order: { order_id: mine['order_id'], status: 'PENDING' } });
  t.is(typeof open?.order?.['command_id'], 'string');
  t.is(unknown?.problem?.['code'], 'ORDER_NOT_FOUND');
  t.like(malformed?.problem, { status: 400, errors: [{ pointer: '/order_ids/2' }] });
  const overGrpc = await invoke(orders, 'CancelOrders', { order_ids }, withToken(owner.userId));
  const [again, ...rest2] = overGrpc['items'] as Items;
  t.like(again, { done: false, order: { order_id: mine['order_id'], status: 'ORDER_STATUS_PENDING' } });
  t.deepEqual(
    rest2.map(({ problem }) => problem?.['code']),
    ['ORDER_NOT_FOUND', 'INVALID_REQUEST'],
  );
});

test('doors: response=result while nobody matches, PENDING after a second; an unknown word, refused', async (t) => {
  const { userId } = await kit.customer();
  const started = performance.now();
  const answer = await request('POST', `${rest}/orders?response=result`, { token: userId, body: buy });
  t.like(answer, { status: 201, body: { status: 'PENDING' } });
  t.true(performance.now() - started > 900);
  const message = { ...toProto(buy), response: 'PLACING_RESPONSE_RESULT' };
  t.like(await invoke(orders, 'PlaceOrder', message, withToken(userId)), { status: 'ORDER_STATUS_PENDING' });
  t.is((await request('POST', `${rest}/orders?response=maybe`, { token: userId, body: buy })).status, 400);
  t.is((await kit.orders(userId)).length, 2);
});
