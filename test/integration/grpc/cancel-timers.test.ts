import { status } from '@grpc/grpc-js';
import test from 'ava';
import { request } from '../../_support/http.ts';
import type { Kit } from '../trading/kit.ts';
import { invoke, refusal, type Rpc, withToken } from './kit.ts';
import { openOrderDoors, type OrderDoors } from './order-doors.ts';

let doors: OrderDoors;
let kit: Kit;
let orders: Rpc;
let url: string;

test.before(async () => {
  doors = await openOrderDoors();
  ({ kit, orders } = doors);
  url = `${doors.rest}/orders/cancel-all-after`;
});
test.after.always(() => doors.close());

const symbol = 'BTC/USDT';

test('doors: a switch set, listed and switched off, alike over REST and gRPC', async (t) => {
  const { userId: token } = await kit.customer();
  const asked = Date.now();
  const all = await request('POST', url, { token, body: { seconds: 60 } });
  t.like(all, { status: 200, body: { symbol: null, seconds: 60 } });
  const left = Date.parse(String(all.body['cancel_at'])) - asked;
  t.true(left >= 60_000 && left < 65_000);
  const one = await invoke(orders, 'CancelAllAfter', { seconds: 86_400, symbol }, withToken(token));
  t.like(one, { symbol, seconds: 86_400 });
  const listed = await request('GET', url, { token });
  t.deepEqual(listed.body, { items: [all.body, one], next_cursor: null });
  const off = await request('POST', url, { token, body: { seconds: 0, symbol } });
  t.like(off, { status: 200, body: { symbol, seconds: 0, cancel_at: null } });
  const overGrpc = await invoke(orders, 'ListCancelTimers', {}, withToken(token));
  t.like(overGrpc, { items: { 0: { seconds: 60, cancel_at: all.body['cancel_at'] }, length: 1 } });
  t.deepEqual((await request('GET', url, { token: (await kit.customer()).userId })).body['items'], []);
});

test('doors: seconds out of bounds or no whole number, a market that is not there, refused', async (t) => {
  const { userId: token } = await kit.customer();
  for (const body of [
    {},
    { seconds: -1 },
    { seconds: 86_401 },
    { seconds: 1.5 },
    { seconds: '5' },
    { seconds: null },
  ]) {
    const answer = await request('POST', url, { token, body });
    t.like(answer, { status: 400, body: { code: 'INVALID_REQUEST' } }, JSON.stringify(body));
  }
  const more = await request('POST', url, { token, body: { seconds: 5, symbols: [symbol] } });
  t.is(more.status, 400);
  for (const seconds of [5, 0]) {
    const unknown = await request('POST', url, { token, body: { seconds, symbol: 'ABC/XYZ' } });
    t.like(unknown, { status: 404, body: { code: 'MARKET_NOT_FOUND' } });
  }
  const call = invoke(orders, 'CancelAllAfter', { seconds: -1 }, withToken(token));
  t.like(await refusal(call), { status: status.INVALID_ARGUMENT, code: 'INVALID_REQUEST' });
  t.deepEqual((await request('GET', url, { token })).body['items'], []);
});

test('doors: a customer who may not trade any more, may still set a switch', async (t) => {
  const { userId: token } = await kit.customer();
  doors.unverified.add(token);
  t.is((await request('POST', url, { token, body: { seconds: 5 } })).status, 200);
});
