import anyTest, { type TestFn } from 'ava';
import { Redis } from 'ioredis';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { type Answer, request } from '../_support/http.ts';
import { createCustomers, type Customer } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';
import { connect, invoke, type Rpc, withToken } from '../integration/grpc/kit.ts';

const test = anyTest as TestFn<{
  readonly system: System;
  readonly customers: readonly Customer[];
  readonly grpc: Rpc;
}>;

test.before(async (t) => {
  const system = await startSystem({}, { own: ['redis'] });
  t.context = { system } as typeof t.context;
  const customers = await createCustomers(system.internal, 2, { USDT: '1000000', BTC: '10' });
  t.context = { system, customers, grpc: connect(system.grpc, 'OrderService') };
});
test.after.always(async ({ context: { system, grpc } }) => {
  (grpc as Rpc | undefined)?.close();
  await system.stop();
});

const bid = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.001' };
const ask = { ...bid, side: 'SELL', price: '50000' };

type Item = Readonly<Partial<Record<'order' | 'problem', Record<string, unknown>>> & { done?: boolean }>;
const itemsOf = ({ body }: Answer): readonly Item[] => body['items'] as Item[];

test.serial('orders for their result: rests, takes and would take, answered OPEN, FILLED and REJECTED', async (t) => {
  const { system, customers, grpc } = t.context;
  const [alice, bob] = customers;
  const url = `${system.rest}/api/v1/orders?response=result`;
  const rested = await request('POST', url, { token: alice!.token, body: { ...ask, quantity: '0.002' } });
  t.like(rested, { status: 201, body: { status: 'OPEN' } });
  const refused = await request('POST', url, { token: bob!.token, body: { ...bid, price: '50000', post_only: true } });
  t.like(refused, { status: 201, body: { status: 'REJECTED', reject_reason: 'POST_ONLY_WOULD_TAKE' } });
  const taken = await request('POST', url, { token: bob!.token, body: { ...bid, price: '50000' } });
  t.like(taken, { status: 201, body: { status: 'FILLED', filled_quantity: '0.001', average_price: '50000' } });
  const message = {
    ...bid,
    side: 'ORDER_SIDE_BUY',
    order_type: 'ORDER_TYPE_LIMIT',
    price: '50000',
    response: 'PLACING_RESPONSE_RESULT',
  };
  const overGrpc = await invoke(grpc, 'PlaceOrder', message, withToken(bob!.token));
  t.like(overGrpc, { status: 'ORDER_STATUS_FILLED', average_price: '50000' });
});

test.serial('order batches: placed and cancelled, each order with its own outcome', async (t) => {
  const { system, customers } = t.context;
  const { token } = customers[0]!;
  const url = `${system.rest}/api/v1/orders/batch`;
  const orders = Array.from({ length: 50 }, (_, place) => ({ ...bid, price: String(20_000 + place) }));
  const placed = itemsOf(await request('POST', url, { token, body: { orders } }));
  t.deepEqual(
    placed.map(({ order }) => order?.['price']),
    orders.map(({ price }) => price),
  );
  const order_ids = placed.map(({ order }) => order?.['order_id']);
  const cancelled = await request('DELETE', url, { token, body: { order_ids } });
  t.is(cancelled.status, 200);
  for (const { order, done } of itemsOf(cancelled))
    t.like({ order, done }, { done: true, order: { status: 'CANCELLED' } });
  const again = itemsOf(await request('DELETE', url, { token, body: { order_ids } }));
  t.true(again.every(({ problem }) => problem?.['code'] === 'ORDER_NOT_OPEN'));
});

test.serial(
  'order batches: the API killed between commit and answer, a retry by its key places nothing twice',
  async (t) => {
    const { system, customers } = t.context;
    const { token, userId } = customers[1]!;
    const redis = new Redis(system.servers.redis!.url);
    t.teardown(() => redis.disconnect());
    const orders = Array.from({ length: 50 }, (_, place) => ({ ...bid, price: String(25_000 + place) }));
    const headers = { 'idempotency-key': 'killed' };
    const url = `${system.rest}/api/v1/orders/batch`;
    const ask = (body: object) => request('POST', url, { token, headers, body });
    const known = async () =>
      (
        await system.db.any<{ order_id: string }>(
          'SELECT order_id FROM trading.orders WHERE user_id = $1 AND price BETWEEN 25000 AND 25049 ORDER BY price',
          [userId],
        )
      ).map(({ order_id }) => order_id);
    // The queue can be measured, but writing to it waits: the answer hangs between the commit and what follows it.
    await redis.call('CLIENT', 'PAUSE', '20000', 'WRITE');
    const cut = ask({ orders }).then(
      ({ status }) => `answered ${status}`,
      () => 'cut off',
    );
    await until(async () => (await known()).length === 50);
    await system.kill('api');
    t.is(await cut, 'cut off');
    const committed = await known();
    await redis.call('CLIENT', 'UNPAUSE');
    await system.start('api');
    const retried = await ask({ orders });
    t.is(retried.status, 200, JSON.stringify(retried.body));
    t.deepEqual(
      itemsOf(retried).map(({ order }) => order?.['order_id']),
      committed,
    );
    t.deepEqual(await known(), committed);
    t.deepEqual((await ask({ orders })).body, retried.body);
    t.like(await ask({ orders: orders.slice(1) }), { status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } });
    await untilQuiet(system.db, 30_000);
    t.deepEqual(await findBreaks(system.db), []);
  },
);
