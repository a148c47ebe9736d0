import anyTest, { type TestFn } from 'ava';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { type Client, createClient } from '../_support/client.ts';
import { createCustomers, type Customer } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';

interface Context {
  readonly system: System;
  readonly api: Client;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const system = await startSystem();
  t.context = { system, api: createClient(`${system.rest}/api/v1`, { timeoutMs: 30_000 }) };
});
test.after.always(async ({ context: { system, api } }) => {
  api.close();
  await system.stop();
});

const newCustomer = async ({ system }: Context, balances: Readonly<Record<string, string>>): Promise<Customer> =>
  (await createCustomers(system.internal, 1, balances))[0]!;

const heldBy = ({ system }: Context, { userId }: Customer, asset: string) =>
  system.db.one<{ available: string; reserved: string }>(
    `SELECT trim_scale(sum(balance) FILTER (WHERE kind = 'available'))::text AS available,
            trim_scale(sum(balance) FILTER (WHERE kind = 'reserved'))::text AS reserved
       FROM ledger.accounts WHERE owner_id = $<userId> AND asset = $<asset>`,
    { userId, asset },
  );

const market = { symbol: 'BTC/USDT', order_type: 'MARKET' };

test.serial('matching: a market buy into an empty book, ends cancelled and gives everything back', async (t) => {
  const { api, system } = t.context;
  const customer = await newCustomer(t.context, { USDT: '100000' });
  for (const size of [{ quantity: '1' }, { quote_quantity: '100000' }]) {
    const body = { ...market, side: 'BUY', ...size };
    const placed = await api.send({ method: 'POST', path: '/orders?response=result', token: customer.token, body });
    t.like(placed.body, { status: 'CANCELLED', reject_reason: 'MARKET_REMAINDER', filled_quantity: '0' });
  }
  await untilQuiet(system.db);
  t.deepEqual(await heldBy(t.context, customer, 'USDT'), { available: '100000', reserved: '0' });
});

test.serial('matching: a market buy of a thin book, takes what there is and gives the rest back', async (t) => {
  const { api, system } = t.context;
  const [buyer, seller] = [
    await newCustomer(t.context, { USDT: '100000' }),
    await newCustomer(t.context, { BTC: '1' }),
  ];
  const ask = { symbol: 'BTC/USDT', side: 'SELL', order_type: 'LIMIT', price: '50000', quantity: '0.001' };
  await api.send({ method: 'POST', path: '/orders?response=result', token: seller.token, body: ask });
  const body = { ...market, side: 'BUY', quantity: '1' };
  const placed = await api.send({ method: 'POST', path: '/orders?response=result', token: buyer.token, body });
  t.like(placed.body, { status: 'CANCELLED', reject_reason: 'MARKET_REMAINDER', filled_quantity: '0.001' });
  await untilQuiet(system.db);
  t.deepEqual(await heldBy(t.context, buyer, 'USDT'), { available: '99950', reserved: '0' });
  const more = await api.send({
    method: 'POST',
    path: '/orders',
    token: buyer.token,
    body: { ...body, quantity: '2' },
  });
  t.like(more, { status: 422, body: { code: 'INSUFFICIENT_FUNDS' } }, 'at the worst price, two cost more');
});

/** As many prices, a tick apart. */
const levels = 10_000;
const lowest = 5_000_000;

test.serial('matching: one market buy through 10 000 levels, every trade is committed, told and settled', async (t) => {
  t.timeout(180_000);
  const { api, system } = t.context;
  const sellers = await createCustomers(system.internal, 10, { BTC: '10' });
  const buyer = await newCustomer(t.context, { USDT: '1000000' });
  const begun = performance.now();
  const batches = Array.from({ length: levels / 50 }, (_, batch) =>
    Array.from({ length: 50 }, (_, index) => ({
      symbol: 'BTC/USDT',
      side: 'SELL',
      order_type: 'LIMIT',
      price: ((lowest + batch * 50 + index) / 100).toFixed(2),
      quantity: '0.0001',
    })),
  );
  const answers = await Promise.all(
    batches.map((orders, batch) => {
      const { token } = sellers[batch % sellers.length]!;
      return api.send({ method: 'POST', path: '/orders/batch', token, body: { orders } });
    }),
  );
  t.true(answers.every(({ body }) => (body['items'] as { order?: object }[]).every((item) => item.order)));
  await untilQuiet(system.db, 60_000);
  t.log(`${levels} orders rest after ${Math.round(performance.now() - begun)} ms`);
  const swept = performance.now();
  const body = { ...market, side: 'BUY', quantity: '1' };
  const placed = await api.send({ method: 'POST', path: '/orders', token: buyer.token, body });
  t.is(placed.status, 201);
  await untilQuiet(system.db, 60_000);
  t.log(`matched and settled ${Math.round(performance.now() - swept)} ms later`);
  const path = `/orders/${String(placed.body['order_id'])}`;
  const after = await api.send({ method: 'GET', path, token: buyer.token });
  t.like(after.body, { status: 'FILLED', filled_quantity: '1', executed_quote: '50049.995' });
  const batch = await system.db.one<{ trades: number; batches: number }>(
    `SELECT jsonb_array_length(events -> 't') AS trades,
            (SELECT count(DISTINCT batch)::int FROM trading.journal WHERE events -> 't' <> '[]') AS batches
       FROM trading.journal ORDER BY jsonb_array_length(events -> 't') DESC LIMIT 1`,
  );
  t.is(batch.trades, levels, 'one command is one batch, however much it does');
  t.deepEqual(await findBreaks(system.db), []);
  const depth = await api.send({ method: 'GET', path: '/markets/BTC-USDT/depth?limit=0' });
  t.deepEqual([depth.body['bids'], depth.body['asks']], [[], []], 'the doors have heard of all of it');
});
