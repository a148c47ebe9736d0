import { randomUUID } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { DomainError } from '../../../domain/errors.ts';
import type { Order } from '../../../domain/trading/order.ts';
import { createIds } from '../../../platform/ids.ts';
import type { OrderFilter } from '../../../services/trading/orders.ts';
import { buy, createKit, type Kit, symbol } from './kit.ts';

const test = anyTest as TestFn<Kit>;

test.before(async (t) => {
  t.context = await createKit();
});
test.after.always((t) => t.context.close());

const everything: OrderFilter = {
  symbol: undefined,
  status: undefined,
  side: undefined,
  start: undefined,
  end: undefined,
  before: undefined,
  limit: 50,
};
const idsOf = (orders: readonly Order[]): readonly string[] => orders.map(({ orderId }) => orderId);

test('orders: of two markets, are listed newest first and page by page', async (t) => {
  const { trading, customer } = t.context;
  const alice = await customer();
  const placed: string[] = [];
  for (const market of [symbol, 'ETH/USDT', symbol, 'ETH/USDT', symbol]) {
    const request = { ...buy, symbol: market, price: '2000', quantity: '0.01' };
    placed.unshift((await trading.placing.place(alice, request, undefined)).orderId);
  }
  t.deepEqual(idsOf(await trading.orders.list(alice.userId, everything)), placed);
  const first = idsOf(await trading.orders.list(alice.userId, { ...everything, limit: 2 }));
  const second = idsOf(await trading.orders.list(alice.userId, { ...everything, limit: 3, before: first.at(-1) }));
  t.deepEqual([...first, ...second], placed);
  const bitcoin = await trading.orders.list(alice.userId, { ...everything, symbol });
  t.deepEqual(idsOf(bitcoin), [placed[0], placed[2], placed[4]]);
});

test('orders: filtered by side, status and time, are those alone', async (t) => {
  const { trading, customer, otherProcess, db } = t.context;
  const alice = await customer({ USDT: '1000', BTC: '1' });
  const sell = await trading.placing.place(alice, { ...buy, side: 'SELL' }, undefined);
  const done = await trading.placing.place(alice, buy, undefined);
  const tomorrow = () => new Date(Date.now() + 86_400_000);
  const later = await otherProcess({ clock: tomorrow, newId: createIds(tomorrow) }).placing.place(
    alice,
    { ...buy, price: '1000' },
    undefined,
  );
  await db.none(`UPDATE trading.orders SET status = 'CANCELLED' WHERE order_id = $1`, [done.orderId]);
  const list = async (filter: Partial<OrderFilter>) =>
    idsOf(await trading.orders.list(alice.userId, { ...everything, ...filter }));
  t.deepEqual(await list({ side: 'SELL' }), [sell.orderId]);
  t.deepEqual(await list({ status: 'CANCELLED' }), [done.orderId]);
  t.deepEqual(await list({ start: later.createdAt }), [later.orderId]);
  t.deepEqual(await list({ end: later.createdAt }), [done.orderId, sell.orderId]);
});

test("orders: somebody else's, are as unknown as any", async (t) => {
  const { trading, customer } = t.context;
  const [alice, bob] = [await customer(), await customer()];
  const { orderId } = await trading.placing.place(alice, { ...buy, clientOrderId: 'mine' }, undefined);
  for (const key of [{ orderId }, { orderId: randomUUID() }, { clientOrderId: 'mine' }]) {
    const error = await t.throwsAsync(trading.orders.find(bob.userId, key), { instanceOf: DomainError });
    t.is(error.code, 'ORDER_NOT_FOUND');
  }
  t.deepEqual(await trading.orders.list(bob.userId, everything), []);
});

test('fills: a trade, is seen by each side with its own order and fee', async (t) => {
  const { trading, customer, db } = t.context;
  const buyer = await customer();
  const seller = await customer({ BTC: '1' });
  const bid = await trading.placing.place(buyer, buy, undefined);
  const ask = await trading.placing.place(seller, { ...buy, side: 'SELL' }, undefined);
  await db.none(
    `INSERT INTO trading.trades
     VALUES ($1, $2, 1, $3, $4, $5, $6, 50000, 0.01, 0.01, 500, 0.00001, 0.5, 0, true, now())`,
    [createIds(() => new Date())(), symbol, bid.orderId, ask.orderId, buyer.userId, seller.userId],
  );
  const filter = { symbol: undefined, before: undefined, limit: 50 };
  const trade = { symbol, price: '50000', quantity: '0.01', tradeSeq: 1 };
  const [bought] = await trading.orders.fills(buyer.userId, filter);
  t.like(bought, { ...trade, orderId: bid.orderId, side: 'BUY', fee: '0.00001', feeAsset: 'BTC', isMaker: true });
  const [sold] = await trading.orders.fills(seller.userId, { ...filter, symbol });
  t.like(sold, { ...trade, orderId: ask.orderId, side: 'SELL', fee: '0.5', feeAsset: 'USDT', isMaker: false });
  t.deepEqual(await trading.orders.fills(buyer.userId, { ...filter, before: bought?.tradeId }), []);
});
