import { type ClientReadableStream, type ServiceError, status } from '@grpc/grpc-js';
import test from 'ava';
import { createStreamProducer } from '../../../platform/streams/producer.ts';
import { request } from '../../_support/http.ts';
import { until } from '../../_support/until.ts';
import type { Kit } from '../trading/kit.ts';
import { invoke, problemIn, refusal, type Rpc, withToken } from './kit.ts';
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

test('OrderService: placed, the same order over REST and gRPC; then listed and found by the client’s id', async (t) => {
  const { userId } = await kit.customer();
  const message = { ...toProto(buy), client_order_id: 'one' };
  const placed = await invoke(orders, 'PlaceOrder', message, withToken(userId));
  t.like(placed, { user_id: userId, status: 'ORDER_STATUS_PENDING', price: '50000', quantity: '0.01' });
  const again = await request('POST', `${rest}/orders`, { token: userId, body: { ...buy, client_order_id: 'one' } });
  t.is(again.status, 201);
  t.is(again.body['order_id'], placed['order_id']);
  const list = await invoke(orders, 'ListOrders', { symbol: 'BTC-USDT' }, withToken(userId));
  t.is((list['items'] as unknown[]).length, 1);
  const found = await invoke(orders, 'GetOrderByClientId', { client_order_id: 'one' }, withToken(userId));
  t.is(found['order_id'], placed['order_id']);
});

test('OrderService: a stop placed over gRPC, is listed over REST as it was placed', async (t) => {
  const { userId } = await kit.customer();
  const stop = { ...buy, order_type: 'STOP_LIMIT', stop_price: '51000', price: '51500' };
  const placed = await invoke(orders, 'PlaceOrder', toProto(stop), withToken(userId));
  t.like(placed, { order_type: 'ORDER_TYPE_STOP_LIMIT', stop_price: '51000', status: 'ORDER_STATUS_PENDING' });
  t.false('triggered_at' in placed);
  const listed = await request<{ items: unknown[] }>('GET', `${rest}/orders`, { token: userId });
  t.like(listed.body.items[0], { order_type: 'STOP_LIMIT', stop_price: '51000', triggered_at: null });
  const tested = await invoke(
    orders,
    'TestOrder',
    toProto({ ...stop, order_type: 'STOP', price: undefined }),
    withToken(userId),
  );
  t.like(tested, { time_in_force: 'TIME_IN_FORCE_IOC', protection_price: '53550', reserve_amount: '535.5' });
});

test('OrderService.GetOrder: another user’s order, ORDER_NOT_FOUND as for an unknown one', async (t) => {
  const [owner, other] = [await kit.customer(), await kit.customer()];
  const { order_id } = await invoke(orders, 'PlaceOrder', toProto(buy), withToken(owner.userId));
  const call = invoke(orders, 'GetOrder', { order_id }, withToken(other.userId));
  t.like(await refusal(call), { status: status.NOT_FOUND, code: 'ORDER_NOT_FOUND' });
});

const same = test.macro({
  title: (_, circumstance: string) => `doors: an order with ${circumstance}, refused alike and without effect`,
  exec: async (t, _circumstance: string, change: Record<string, unknown>, code: string) => {
    const { userId } = await kit.customer();
    const body = Object.fromEntries(
      Object.entries<unknown>({ ...buy, ...change }).filter(([, value]) => value !== undefined),
    );
    const overRest = await request<{ code: string; errors?: unknown }>('POST', `${rest}/orders`, {
      token: userId,
      body,
    });
    const overGrpc = await refusal(invoke(orders, 'PlaceOrder', toProto(body), withToken(userId)));
    t.is(overRest.body.code, code);
    t.is(overGrpc.code, code);
    t.is(overGrpc.problem['status'], overRest.status);
    t.deepEqual(overGrpc.problem['errors'], overRest.body.errors);
    t.deepEqual(await kit.orders(userId), []);
  },
});
const malformed = ['-1', '-0', 'NaN', 'Infinity', '1e3', '0x10', ' 1', '1,0', '１', '01', '1.', '9'.repeat(41)];
for (const text of malformed) {
  test(same, `the price ${JSON.stringify(text)}`, { price: text }, 'INVALID_REQUEST');
  test(same, `the quantity ${JSON.stringify(text)}`, { quantity: text }, 'INVALID_REQUEST');
}
test(same, 'a price between two ticks', { price: '50000.001' }, 'INVALID_PRICE');
test(same, 'a quantity between two lots', { quantity: '0.01001' }, 'INVALID_QUANTITY');
test(same, 'no price', { price: undefined }, 'INVALID_REQUEST');
test(same, 'a stop price without a stop', { stop_price: '51000' }, 'INVALID_REQUEST');
test(same, 'a stop price between two ticks', { order_type: 'STOP_LIMIT', stop_price: '51000.001' }, 'INVALID_PRICE');
test(same, 'a quantity of zero', { quantity: '0' }, 'INVALID_QUANTITY');
test(same, 'more than the balance', { quantity: '9', price: '50000' }, 'INSUFFICIENT_FUNDS');
test(same, 'an unknown market', { symbol: 'ABC/XYZ' }, 'MARKET_NOT_FOUND');
test(same, 'a client id that is too long', { client_order_id: 'x'.repeat(101) }, 'INVALID_REQUEST');

interface Follower {
  readonly events: Record<string, unknown>[];
  readonly stream: ClientReadableStream<object>;
  readonly error: Promise<ServiceError>;
}

function follow(userId: string, request: { readonly resume?: string } = {}): Follower {
  const stream = orders['StreamOrders']!(request, withToken(userId)) as ClientReadableStream<Record<string, unknown>>;
  const events: Record<string, unknown>[] = [];
  stream.on('data', (event: Record<string, unknown>) => events.push(event));
  return { events, stream, error: new Promise((resolve) => stream.on('error', resolve)) };
}

const change = (orderId: string) => ({
  order_id: orderId,
  symbol: 'BTC/USDT',
  side: 'BUY',
  status: 'OPEN',
  filled_quantity: '0',
  executed_quote: '0',
  prevented_quantity: '0',
  updated_at: new Date().toISOString(),
});

const tell = (userId: string, payload: Record<string, unknown>, times = 1) =>
  createStreamProducer({ redis: kit.redis, maxLength: 10_000 }).publishAll(
    'order.events',
    Array.from({ length: times }, () => ({
      id: userId,
      type: 'order.open',
      version: 1,
      timestamp: new Date().toISOString(),
      trace_id: '0',
      user_id: userId,
      payload,
      metadata: { source: 'test' },
    })),
  );

test('OrderService.StreamOrders: the open orders, then each change of the caller’s own', async (t) => {
  const [owner, other] = [await kit.customer(), await kit.customer()];
  const { order_id } = await invoke(orders, 'PlaceOrder', toProto(buy), withToken(owner.userId));
  const [mine, others] = [follow(owner.userId), follow(other.userId)];
  await until(() => mine.events.length === 1 && others.events.length === 1);
  t.like(mine.events[0], { type: 'FEED_EVENT_TYPE_SNAPSHOT', data: { orders: [{ order_id }] } });
  const at = new Date().toISOString();
  await tell(owner.userId, { ...change(String(order_id)), triggered_at: at });
  await until(() => mine.events.length === 2);
  const changes = [{ order_id, status: 'ORDER_STATUS_OPEN', triggered_at: at }];
  t.like(mine.events[1], { type: 'FEED_EVENT_TYPE_UPDATE', data: { changes } });
  t.is(others.events.length, 1);
  mine.stream.cancel();
  others.stream.cancel();
});

test('OrderService.StreamOrders: resumed by a cursor, what was missed; else a snapshot', async (t) => {
  const { userId } = await kit.customer();
  const first = follow(userId);
  await until(() => first.events.length === 1);
  await tell(userId, change(userId));
  await until(() => first.events.length === 2);
  first.stream.cancel();
  await tell(userId, { ...change(userId), reason: 'missed' });
  const again = follow(userId, { resume: String(first.events[1]?.['cursor']) });
  await until(() => again.events.length === 1);
  const data = { changes: [{ reason: 'missed' }] };
  t.like(again.events[0], { type: 'FEED_EVENT_TYPE_UPDATE', resumed: true, data });
  const lost = follow(userId, { resume: 'nothing' });
  await until(() => lost.events.length === 1);
  t.like(lost.events[0], { type: 'FEED_EVENT_TYPE_SNAPSHOT', resumed: false });
  again.stream.cancel();
  lost.stream.cancel();
});

test('OrderService.StreamOrders: a session that ends, UNAUTHENTICATED at the next check', async (t) => {
  const { userId } = await kit.customer();
  const { events, error } = follow(userId);
  await until(() => events.length === 1);
  doors.ended.add(userId);
  const failed = await error;
  t.is(failed.code, status.UNAUTHENTICATED);
  t.is(failed.metadata.get('error-code')[0], 'UNAUTHENTICATED');
  t.is(problemIn(failed)['status'], 401);
});

test('OrderService.StreamOrders: a reader that does not read, ended as too slow', async (t) => {
  const { userId } = await kit.customer();
  const { events, stream, error } = follow(userId);
  await until(() => events.length === 1);
  stream.pause();
  const large = { ...change(userId), reason: 'x'.repeat(10_000) };
  for (let round = 0; round < 20; round += 1) await tell(userId, large, 50);
  stream.resume();
  const failed = await error;
  t.is(failed.code, status.RESOURCE_EXHAUSTED);
  t.is(failed.metadata.get('error-code')[0], 'TOO_SLOW');
});

test('OrderService: no token, UNAUTHENTICATED', async (t) => {
  t.like(await refusal(invoke(orders, 'PlaceOrder', toProto(buy))), { code: 'UNAUTHENTICATED' });
});
