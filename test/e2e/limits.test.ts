import test from 'ava';
import { request } from '../_support/http.ts';
import { startSystem } from '../_support/system.ts';

test('limits: a customer out of orders, may still cancel and amends count as orders', async (t) => {
  const system = await startSystem({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_ORDERS_PER_SECOND: '1',
    RATE_LIMIT_CANCELS_PER_SECOND: '1',
  });
  t.teardown(system.stop);
  const made = await request('POST', `${system.internal}/api/v1/dev/users`, {
    body: { kyc: 'verified', balances: { USDT: '100000' } },
  });
  const token = String(made.body['access_token']);
  const call = (method: string, path: string, body?: unknown) =>
    request(method, `${system.rest}/api/v1${path}`, { token, ...(body === undefined ? {} : { body }) });
  const order = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.01' };
  const answers = await Promise.all(Array.from({ length: 20 }, () => call('POST', '/orders', order)));
  const placed = answers.filter(({ status }) => status === 201);
  const refused = answers.filter(({ status }) => status === 429);
  t.is(placed.length + refused.length, answers.length);
  t.true(placed.length >= 1 && refused.length >= 1);
  t.like(refused[0], { body: { code: 'RATE_LIMITED' } });
  t.regex(refused[0]!.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  const path = `/orders/${String(placed[0]!.body['order_id'])}`;
  t.is((await call('PATCH', path, { quantity: '0.005' })).status, 429);
  t.like(await call('DELETE', path), { status: 200, body: { status: 'CANCELLED' } });
});
