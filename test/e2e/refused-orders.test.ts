import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { MarketStatus, MarketTerms } from '../../domain/trading/market.ts';
import { addAssets } from '../../storage/ledger/assets.ts';
import { addMarkets } from '../../storage/trading/markets.ts';
import { findBreaks, untilQuiet } from '../_support/books.ts';
import { request } from '../_support/http.ts';
import { createCustomers, type Customer } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';
import { connect, invoke, refusal, type Rpc, withToken } from '../integration/grpc/kit.ts';

interface Context {
  readonly system: System;
  readonly api: string;
  readonly grpc: Rpc;
}
const test = anyTest as TestFn<Context>;

/** The greatest market there can be: its greatest order is worth 2^53 - 71 528 ticks × lots. */
const edge = '94906265';
const greatest = '9007199136250225';
const large: MarketTerms = {
  symbol: 'BIG/COIN',
  base: 'BIG',
  quote: 'COIN',
  tickSize: '1',
  lotSize: '1',
  minPrice: '1',
  maxPrice: edge,
  minQuantity: '1',
  maxQuantity: edge,
  minNotional: '1',
  collarPercent: '5',
  priceBandPercent: '50',
  makerFeeBps: 10,
  takerFeeBps: 20,
  initialPrice: '70000000',
  status: 'ACTIVE',
};
const statuses = ['HALTED', 'CANCEL_ONLY', 'DELISTED', 'POST_ONLY'] as const satisfies readonly MarketStatus[];
const inStatus = (status: MarketStatus, number: number): MarketTerms => ({
  ...large,
  symbol: `BIG${number}/COIN`,
  base: `BIG${number}`,
  status,
});

test.before(async (t) => {
  const system = await startSystem();
  t.context = { system, api: `${system.rest}/api/v1`, grpc: connect(system.grpc, 'OrderService') };
  const others = statuses.map(inStatus);
  const assets = ['BIG', 'COIN', ...others.map(({ base }) => base)];
  await addAssets(
    system.db,
    assets.map((asset) => ({ asset, scale: 0, name: asset })),
  );
  await addMarkets(system.db, [large, ...others], new Date());
  const [{ token }] = (await createCustomers(system.internal, 1, {})) as [Customer];
  // What a door knows of markets and matchers is some two seconds old.
  const rehearse = () => request('POST', `${t.context.api}/orders/test`, { token, body: order });
  await until(async () => (await rehearse()).status === 200);
});
test.after.always(async ({ context: { grpc, system } }) => {
  grpc.close();
  await system.stop();
});

const newCustomer = async ({ system }: Context, balances: Readonly<Record<string, string>>): Promise<Customer> =>
  (await createCustomers(system.internal, 1, balances))[0]!;

/** What no refused order may change. */
const countRows = ({ system }: Context): Promise<unknown> =>
  system.db.one(
    `SELECT (SELECT count(*) FROM trading.orders) AS orders, (SELECT count(*) FROM trading.commands) AS commands,
            (SELECT count(*) FROM ledger.reservations) AS reservations,
            (SELECT count(*) FROM ledger.transfers) AS transfers, (SELECT count(*) FROM ledger.accounts) AS accounts,
            (SELECT sum(balance) FROM ledger.accounts WHERE kind = 'reserved') AS reserved`,
  );

type Fields = Readonly<Record<string, string | undefined>>;

const toProto = ({ side, order_type, ...rest }: Fields): object => ({
  ...rest,
  side: `ORDER_SIDE_${side}`,
  order_type: `ORDER_TYPE_${order_type}`,
});

interface Refused {
  readonly status: unknown;
  readonly code: unknown;
}

/** What an order is told at every door, the batches and the rehearsals included. */
async function askEverywhere({ api, grpc }: Context, { token }: Customer, order: Fields): Promise<readonly Refused[]> {
  const post = async (path: string, body: unknown) => (await request('POST', `${api}${path}`, { token, body })).body;
  const rpc = async (name: string, message: object) =>
    (await refusal(invoke(grpc, name, message, withToken(token)))).problem as unknown as Refused;
  const batch = await post('/orders/batch', { orders: [order] });
  const [inBatch] = batch['items'] as { problem: Refused }[];
  const answer = await invoke(grpc, 'PlaceOrders', { orders: [toProto(order)] }, withToken(token));
  const [byRpc] = answer['items'] as { problem: Refused }[];
  return [
    (await post('/orders', order)) as unknown as Refused,
    inBatch!.problem,
    await rpc('PlaceOrder', toProto(order)),
    byRpc!.problem,
  ];
}

async function refusedEverywhere(
  t: ExecutionContext<Context>,
  customer: Customer,
  order: Fields,
  code: string,
  rehearsed = true,
): Promise<void> {
  const { api, grpc } = t.context;
  const { token } = customer;
  const before = await countRows(t.context);
  const what = JSON.stringify(order);
  for (const refused of await askEverywhere(t.context, customer, order)) {
    t.is(refused.code, code, what);
    t.true(Number(refused.status) >= 400 && Number(refused.status) < 500, what);
  }
  if (rehearsed) {
    const { body } = await request('POST', `${api}/orders/test`, { token, body: order });
    t.is(body['code'], code, what);
    t.is((await refusal(invoke(grpc, 'TestOrder', toProto(order), withToken(token)))).code, code, what);
  }
  t.deepEqual(await countRows(t.context), before, what);
}

const order = { symbol: 'BIG/COIN', side: 'BUY', order_type: 'LIMIT', price: '70000000', quantity: '1' };

test.serial('source: an asset the customer has none of, INSUFFICIENT_FUNDS at every door and no hold', async (t) => {
  const customer = await newCustomer(t.context, { USDT: '1000000' });
  for (const side of ['BUY', 'SELL']) {
    await refusedEverywhere(t, customer, { ...order, side }, 'INSUFFICIENT_FUNDS', false);
  }
});

for (const [number, status] of statuses.entries()) {
  test.serial(`source: a market that is ${status}, refused at every door and no hold`, async (t) => {
    const { symbol } = inStatus(status, number);
    const customer = await newCustomer(t.context, { COIN: '1000000000' });
    const code = status === 'POST_ONLY' ? 'MARKET_POST_ONLY' : 'MARKET_NOT_ACTIVE';
    await refusedEverywhere(t, customer, { ...order, symbol }, code);
  });
}

test.serial("source: another user's order, read or cancelled as one that is not there, and it stays", async (t) => {
  const { api, grpc, system } = t.context;
  const [owner, stranger] = [await newCustomer(t.context, { COIN: '70000000' }), await newCustomer(t.context, {})];
  const body = { ...order, client_order_id: 'mine' };
  const placed = await request('POST', `${api}/orders`, { token: owner.token, body });
  t.is(placed.status, 201);
  await untilQuiet(system.db);
  const order_id = String(placed.body['order_id']);
  const before = await countRows(t.context);
  const token = withToken(stranger.token);
  for (const call of [
    invoke(grpc, 'GetOrder', { order_id }, token),
    invoke(grpc, 'CancelOrder', { order_id }, token),
    invoke(grpc, 'GetOrderByClientId', { client_order_id: 'mine' }, token),
    invoke(grpc, 'ListPreventedMatches', { order_id }, token),
  ]) {
    t.is((await refusal(call)).code, 'ORDER_NOT_FOUND');
  }
  for (const [method, path] of [
    ['GET', `/orders/${order_id}`],
    ['DELETE', `/orders/${order_id}`],
    ['GET', '/orders/by-client-id/mine'],
    ['GET', `/orders/${order_id}/prevented-matches`],
  ] as const) {
    const answer = await request(method, api + path, { token: stranger.token });
    t.like(answer, { status: 404, body: { code: 'ORDER_NOT_FOUND' } }, path);
  }
  const batch = await request('DELETE', `${api}/orders/batch`, {
    token: stranger.token,
    body: { order_ids: [order_id] },
  });
  t.like(batch.body, { items: [{ problem: { code: 'ORDER_NOT_FOUND' } }] }, JSON.stringify(batch.body));
  const all = await request('DELETE', `${api}/orders`, { token: stranger.token });
  t.true(all.status < 300, 'of nothing, all is cancelled');
  t.deepEqual(await countRows(t.context), before);
  const still = await request('GET', `${api}/orders/${order_id}`, { token: owner.token });
  t.is(still.body['status'], 'OPEN');
});

/** At and beyond what the database, a number and a protobuf can hold, and the longest there is. */
const tooLarge = [
  String(Number(edge) + 1),
  '9007199254740991',
  '9007199254740993',
  '9223372036854775808',
  '18446744073709551615',
  '18446744073709551616',
  '99999999999999999999',
  '100000000000000000000',
  '9'.repeat(40),
];

for (const field of ['price', 'quantity', 'stop_price', 'quote_quantity'] as const) {
  test.serial(`overflow: a ${field} beyond every limit, refused at every door before any hold`, async (t) => {
    const customer = await newCustomer(t.context, { COIN: '9'.repeat(18) });
    for (const value of tooLarge) {
      // As much to spend as the greatest order is worth is allowed.
      if (field === 'quote_quantity' && BigInt(value) <= BigInt(greatest)) continue;
      const asked = {
        price: { ...order, price: value },
        quantity: { ...order, quantity: value },
        stop_price: { ...order, order_type: 'STOP_LIMIT', stop_price: value },
        quote_quantity: {
          ...order,
          order_type: 'MARKET',
          price: undefined,
          quantity: undefined,
          quote_quantity: value,
        },
      }[field];
      const code = field === 'quantity' || field === 'quote_quantity' ? 'INVALID_QUANTITY' : 'INVALID_PRICE';
      await refusedEverywhere(t, customer, asked, code);
    }
  });
}

const heldBy = ({ system }: Context, { userId }: Customer, asset: string) =>
  system.db.one<{ available: string; reserved: string }>(
    `SELECT trim_scale(sum(balance) FILTER (WHERE kind = 'available'))::text AS available,
            trim_scale(sum(balance) FILTER (WHERE kind = 'reserved'))::text AS reserved
       FROM ledger.accounts WHERE owner_id = $<userId> AND asset = $<asset>`,
    { userId, asset },
  );

test.serial('overflow: one of a batch, it alone is refused and the others hold exactly theirs', async (t) => {
  const { api, system } = t.context;
  const customer = await newCustomer(t.context, { COIN: '210000000' });
  const orders = [order, { ...order, quantity: '9'.repeat(20) }, order, { ...order, price: '9'.repeat(20) }, order];
  const { body } = await request('POST', `${api}/orders/batch`, { token: customer.token, body: { orders } });
  const items = body['items'] as { order?: object; problem?: { code: string } }[];
  t.deepEqual(
    items.map(({ problem }) => problem?.code),
    [undefined, 'INVALID_QUANTITY', undefined, 'INVALID_PRICE', undefined],
  );
  t.deepEqual(await heldBy(t.context, customer, 'COIN'), { available: '0', reserved: '210000000' });
  await untilQuiet(system.db);
  await request('DELETE', `${api}/orders`, { token: customer.token });
  await untilQuiet(system.db);
  t.deepEqual(await heldBy(t.context, customer, 'COIN'), { available: '210000000', reserved: '0' });
});

test.serial('overflow: eight of the greatest orders, 2^56 ticks × lots in one level, are traded exactly', async (t) => {
  const { api, system } = t.context;
  const all = (BigInt(greatest) * 8n).toString();
  const [buyer, seller] = [
    await newCustomer(t.context, { COIN: all }),
    await newCustomer(t.context, { BIG: (BigInt(edge) * 8n).toString() }),
  ];
  const bid = { ...order, price: edge, quantity: edge };
  const place = (customer: Customer, body: object) => request('POST', `${api}/orders`, { token: customer.token, body });
  for (let count = 0; count < 8; count += 1) t.is((await place(buyer, bid)).status, 201);
  t.like(await place(buyer, { ...bid, quantity: '1' }), { status: 422, body: { code: 'INSUFFICIENT_FUNDS' } });
  t.deepEqual(await heldBy(t.context, buyer, 'COIN'), { available: '0', reserved: all });
  await untilQuiet(system.db);
  const total = (BigInt(edge) * 8n).toString();
  const level = async () => {
    const { body } = await request('GET', `${api}/markets/BIG-COIN/depth`);
    return (body['bids'] as (readonly string[])[])[0];
  };
  // The API hears of a commit a moment later.
  await until(async () => (await level())?.[1] === total);
  t.deepEqual(await level(), [edge, total]);
  for (let count = 0; count < 8; count += 1) {
    t.is((await place(seller, { ...bid, side: 'SELL', time_in_force: 'FOK' })).status, 201);
  }
  await untilQuiet(system.db);
  t.deepEqual(await findBreaks(system.db), []);
  const fee = ((BigInt(greatest) * 20n + 9_999n) / 10_000n) * 8n;
  t.deepEqual(await heldBy(t.context, seller, 'COIN'), { available: (BigInt(all) - fee).toString(), reserved: '0' });
  t.deepEqual(await heldBy(t.context, buyer, 'COIN'), { available: '0', reserved: '0' });
});

test.serial(
  'overflow: what an asset has in all reaches the limit of numeric, no more is credited to anybody',
  async (t) => {
    const { system } = t.context;
    await newCustomer(t.context, { ETH: '99999999999999999999' });
    const credit = (amount: string) =>
      system.db.any("SELECT ledger.credit_deposit(gen_random_uuid(), gen_random_uuid(), 'ETH', $1, 'dev', now())", [
        amount,
      ]);
    const before = await countRows(t.context);
    await t.throwsAsync(credit('1'), { message: /numeric field overflow/ });
    t.deepEqual(await countRows(t.context), before);
    t.deepEqual(await findBreaks(system.db), []);
  },
);
