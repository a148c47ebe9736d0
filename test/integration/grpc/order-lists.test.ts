import { status } from '@grpc/grpc-js';
import test from 'ava';
import { request } from '../../_support/http.ts';
import type { Kit } from '../trading/kit.ts';
import { invoke, refusal, type Rpc, withToken } from './kit.ts';
import { openOrderDoors, type OrderDoors } from './order-doors.ts';

let doors: OrderDoors;
let kit: Kit;
let orders: Rpc;
let lists: string;

test.before(async () => {
  doors = await openOrderDoors();
  ({ kit, orders } = doors);
  lists = `${doors.rest}/order-lists`;
});
test.after.always(() => doors.close());

/** The market is at its initial price, 50 000. */
const selling = {
  symbol: 'BTC/USDT',
  side: 'SELL',
  quantity: '0.01',
  orders: [
    { order_type: 'LIMIT', price: '52000', post_only: true },
    { order_type: 'STOP', stop_price: '48000' },
  ],
};
const overGrpc = {
  ...selling,
  side: 'ORDER_SIDE_SELL',
  orders: [
    { order_type: 'ORDER_TYPE_LIMIT', price: '52000', post_only: true },
    { order_type: 'ORDER_TYPE_STOP', stop_price: '48000' },
  ],
};

test('doors: a list placed, read and asked for again, is alike over both and reserves once', async (t) => {
  const { userId: token } = await kit.customer({ BTC: '1' });
  const body = { ...selling, client_order_list_id: 'oco-1' };
  const placed = await request('POST', lists, { token, body });
  t.is(placed.status, 201);
  const { order_list_id: id, orders: legs } = placed.body as { order_list_id: string; orders: object[] };
  t.like(legs[0], { order_type: 'LIMIT', price: '52000', status: 'PENDING', order_list_id: id, post_only: true });
  t.like(legs[1], { order_type: 'STOP', stop_price: '48000', quantity: '0.01', order_list_id: id });
  t.deepEqual(await kit.balances(token, 'BTC'), { available: '0.99', reserved: '0.01' });
  t.deepEqual((await request('POST', lists, { token, body })).body, placed.body);
  t.deepEqual((await request('GET', `${lists}/${id}`, { token })).body, placed.body);
  const again = await invoke(
    orders,
    'PlaceOrderList',
    { ...overGrpc, client_order_list_id: 'oco-1' },
    withToken(token),
  );
  t.is(again['order_list_id'], id);
  const read = await invoke(orders, 'GetOrderList', { order_list_id: id }, withToken(token));
  t.like(read, { client_order_list_id: 'oco-1', side: 'ORDER_SIDE_SELL', quantity: '0.01' });
  const other = await request('POST', lists, { token, body: { ...body, quantity: '0.02' } });
  t.like(other, { status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } });
  // An order's own id is another name space.
  const order = { symbol: 'BTC/USDT', side: 'SELL', order_type: 'LIMIT', price: '52000', quantity: '0.01' };
  t.is(
    (await request('POST', `${doors.rest}/orders`, { token, body: { ...order, client_order_id: 'oco-1' } })).status,
    201,
  );
  const [command, ...more] = (await kit.sent()).filter(
    (each) => each.kind === 'PLACE_LIST' && each.limit.userId === token,
  );
  t.like(command, { orderListId: id, limit: { lots: 100, orderListId: id }, stop: { stopTicks: 4_800_000 } });
  t.deepEqual(more, []);
});

test('doors: a list under an Idempotency-Key, is placed once; the key is then no other request’s', async (t) => {
  const { userId: token } = await kit.customer({ BTC: '1' });
  const headers = { 'idempotency-key': 'list-key' };
  const first = await request('POST', lists, { token, headers, body: selling });
  t.deepEqual((await request('POST', lists, { token, headers, body: selling })).body, first.body);
  const order = { symbol: 'BTC/USDT', side: 'SELL', order_type: 'LIMIT', price: '52000', quantity: '0.01' };
  const misused = await request('POST', `${doors.rest}/orders`, { token, headers, body: order });
  t.like(misused, { status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } });
  t.is((await kit.orders(token)).length, 2);
});

test('doors: a list that cannot be, refused alike over both and leaves nothing', async (t) => {
  const { userId: token } = await kit.customer({ BTC: '0.01' });
  const [limit, stop] = selling.orders;
  const bad: [object, number, string, string?][] = [
    [{ orders: [limit] }, 400, 'INVALID_REQUEST'],
    [{ orders: [limit, limit] }, 400, 'INVALID_REQUEST', '/orders'],
    [{ orders: [stop, { ...limit, quantity: '1' }] }, 400, 'INVALID_REQUEST'],
    [{ orders: [stop, { ...limit, price: '50000' }] }, 422, 'INVALID_PRICE', '/orders/1/price'],
    [{ quantity: '0.02' }, 422, 'INSUFFICIENT_FUNDS'],
    [{ symbol: 'ABC/XYZ' }, 404, 'MARKET_NOT_FOUND'],
  ];
  for (const [change, code, name, pointer] of bad) {
    const { status: answered, body } = await request('POST', lists, { token, body: { ...selling, ...change } });
    t.deepEqual([answered, body['code']], [code, name]);
    if (pointer !== undefined) t.like(body, { errors: [{ pointer }] });
  }
  const poor = await refusal(invoke(orders, 'PlaceOrderList', { ...overGrpc, quantity: '0.02' }, withToken(token)));
  t.like(poor, { status: status.FAILED_PRECONDITION, code: 'INSUFFICIENT_FUNDS' });
  t.deepEqual(await kit.orders(token), []);
  t.deepEqual(await kit.balances(token, 'BTC'), { available: '0.01', reserved: '0' });
});

test('doors: a list of somebody else, is none; a leg cannot be amended; a cancel that waits is 202', async (t) => {
  const { userId: token } = await kit.customer({ BTC: '1' });
  const { body } = await request('POST', lists, { token, body: selling });
  const { order_list_id: id, orders: legs } = body as { order_list_id: string; orders: { order_id: string }[] };
  const stranger = (await kit.customer()).userId;
  for (const method of ['GET', 'DELETE']) {
    const foreign = await request(method, `${lists}/${id}`, { token: stranger });
    t.like(foreign, { status: 404, body: { code: 'ORDER_NOT_FOUND' } });
  }
  const amend = { token, body: { quantity: '0.005' } };
  const amended = await request('PATCH', `${doors.rest}/orders/${legs[0]!.order_id}`, amend);
  t.like(amended, { status: 409, body: { code: 'ORDER_IN_LIST' } });
  const cancelled = await request('DELETE', `${lists}/${id}`, { token });
  t.like(cancelled, { status: 202, body: { order_list_id: id } });
  t.is(cancelled.headers.get('location'), `/api/v1/order-lists/${id}`);
  await kit.db.none(`UPDATE trading.orders SET status = 'CANCELLED' WHERE order_list_id = $1`, [id]);
  const final = await refusal(invoke(orders, 'CancelOrderList', { order_list_id: id }, withToken(token)));
  t.like(final, { status: status.FAILED_PRECONDITION, code: 'ORDER_NOT_OPEN' });
});
