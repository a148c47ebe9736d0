import anyTest, { type TestFn } from 'ava';
import { DomainError, type ErrorCode } from '../../../domain/errors.ts';
import type { OrderRequest } from '../../../domain/trading/placement.ts';
import { createIds, timeOfId } from '../../../platform/ids.ts';
import { awayRedis, buy, createKit, type Kit, symbol } from './kit.ts';

const test = anyTest as TestFn<Kit>;

test.before(async (t) => {
  t.context = await createKit();
});
test.after.always((t) => t.context.close());

const codeOf = (error: unknown): ErrorCode | undefined => (error instanceof DomainError ? error.code : undefined);

test('place: an order within the funds, is committed PENDING with its reservation and sent', async (t) => {
  const { trading, customer, balances, orders, sent } = t.context;
  const alice = await customer();
  const order = await trading.placing.place(alice, { ...buy, clientOrderId: 'first', timeInForce: 'DAY' }, undefined);
  t.like(order, { status: 'PENDING', price: '50000', quantity: '0.01', clientOrderId: 'first', filledQuantity: '0' });
  t.deepEqual(order.createdAt, timeOfId(order.orderId));
  t.deepEqual(await orders(alice.userId), [{ order_id: order.orderId, status: 'PENDING' }]);
  t.deepEqual(await balances(alice.userId, 'USDT'), { available: '99500', reserved: '500' });
  t.deepEqual(await trading.orders.find(alice.userId, { orderId: order.orderId }), order);
  t.deepEqual(await trading.orders.find(alice.userId, { clientOrderId: 'first' }), order);
  const command = (await sent()).find((each) => each.kind === 'PLACE' && each.order.orderId === order.orderId);
  t.like(command, { order: { lots: 100, limitTicks: 5_000_000, reserveTicks: 5_000_000, makerBps: 10 } });
});

test('place: the same client order id 50 times at once, is one order and one reservation', async (t) => {
  const { trading, otherProcess, customer, balances, orders } = t.context;
  const alice = await customer();
  const other = otherProcess();
  const request = { ...buy, clientOrderId: 'again' };
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? trading : other).placing.place(alice, request, undefined),
    ),
  );
  t.is(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
  t.is((await orders(alice.userId)).length, 1);
  t.deepEqual(await balances(alice.userId, 'USDT'), { available: '99500', reserved: '500' });
});

test('place: a repeat after the order went on, gets the first answer', async (t) => {
  const { trading, customer, db } = t.context;
  const alice = await customer();
  const request = { ...buy, clientOrderId: 'later' };
  const first = await trading.placing.place(alice, request, undefined);
  await db.none(
    `UPDATE trading.orders SET status = 'CANCELLED', reason = 'USER', updated_at = now() WHERE order_id = $1`,
    [first.orderId],
  );
  t.deepEqual(await trading.placing.place(alice, { ...request, price: '50000.00' }, undefined), first);
});

test('place: a repeat of an order that is archived, is refused; other content is still a conflict', async (t) => {
  const { trading, customer, db } = t.context;
  const alice = await customer();
  const request = { ...buy, clientOrderId: 'long ago' };
  const { orderId } = await trading.placing.place(alice, request, undefined);
  await db.none('DELETE FROM trading.orders WHERE order_id = $1', [orderId]);
  const again = (asked: typeof request) =>
    t.throwsAsync(trading.placing.place(alice, asked, undefined), { instanceOf: DomainError });
  t.like(await again(request), { code: 'ORDER_ARCHIVED' });
  t.like(await again({ ...request, quantity: '0.02' }), { code: 'IDEMPOTENCY_CONFLICT' });
});

test('place: a known id with other content, is a conflict', async (t) => {
  const { trading, customer, orders } = t.context;
  const alice = await customer();
  await trading.placing.place(alice, { ...buy, clientOrderId: 'one' }, undefined);
  const error = await t.throwsAsync(
    trading.placing.place(alice, { ...buy, clientOrderId: 'one', price: '49000' }, undefined),
  );
  t.is(codeOf(error), 'IDEMPOTENCY_CONFLICT');
  t.is((await orders(alice.userId)).length, 1);
});

test('place: two users with one client order id, are two orders', async (t) => {
  const { trading, customer } = t.context;
  const [alice, bob] = [await customer(), await customer()];
  const request = { ...buy, clientOrderId: 'shared' };
  const first = await trading.placing.place(alice, request, undefined);
  const second = await trading.placing.place(bob, request, undefined);
  t.not(first.orderId, second.orderId);
});

test('place: an idempotency key, stands for a client order id that nobody sees, for 24 hours', async (t) => {
  const { trading, customer, orders, db } = t.context;
  const alice = await customer();
  const first = await trading.placing.place(alice, buy, 'key-1');
  t.is(first.clientOrderId, undefined);
  t.deepEqual(await trading.placing.place(alice, buy, 'key-1'), first);
  t.is(
    codeOf(await t.throwsAsync(trading.placing.place(alice, { ...buy, price: '1' }, 'key-1'))),
    'IDEMPOTENCY_CONFLICT',
  );
  await db.none(`UPDATE trading.client_order_ids SET created_at = now() - interval '25 hours' WHERE user_id = $1`, [
    alice.userId,
  ]);
  t.not((await trading.placing.place(alice, buy, 'key-1')).orderId, first.orderId);
  t.is((await orders(alice.userId)).length, 2);
});

test('place: 100 orders at once for the whole balance, are one order and 99 refusals', async (t) => {
  const { trading, otherProcess, customer, balances, orders } = t.context;
  const alice = await customer({ USDT: '500' });
  const other = otherProcess();
  const codes = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      (index % 2 === 0 ? trading : other).placing
        .place(alice, { ...buy, clientOrderId: `all-${index}` }, undefined)
        .then(() => 'PLACED', codeOf),
    ),
  );
  t.is(codes.filter((code) => code === 'PLACED').length, 1);
  t.is(codes.filter((code) => code === 'INSUFFICIENT_FUNDS').length, 99);
  t.deepEqual(await balances(alice.userId, 'USDT'), { available: '0', reserved: '500' });
  t.is((await orders(alice.userId)).length, 1);
});

test('place: a refusal for want of funds, is kept under its id for 24 hours', async (t) => {
  const { trading, customer, deposit, db } = t.context;
  const poor = await customer({ USDT: '499' });
  const request = { ...buy, clientOrderId: 'poor' };
  t.is(codeOf(await t.throwsAsync(trading.placing.place(poor, request, undefined))), 'INSUFFICIENT_FUNDS');
  await deposit(poor.userId, 'USDT', '100000');
  t.is(codeOf(await t.throwsAsync(trading.placing.place(poor, request, undefined))), 'INSUFFICIENT_FUNDS');
  await db.none(`UPDATE trading.client_order_ids SET created_at = now() - interval '25 hours' WHERE user_id = $1`, [
    poor.userId,
  ]);
  t.is((await trading.placing.place(poor, request, undefined)).status, 'PENDING');
});

test('place: the same refused order 20 times at once, is refused 20 times', async (t) => {
  const { trading, customer, orders } = t.context;
  const poor = await customer({ USDT: '499' });
  const codes = await Promise.all(
    Array.from({ length: 20 }, () =>
      trading.placing.place(poor, { ...buy, clientOrderId: 'refused' }, undefined).then(() => 'PLACED', codeOf),
    ),
  );
  t.deepEqual([...new Set(codes)], ['INSUFFICIENT_FUNDS']);
  t.deepEqual(await orders(poor.userId), []);
});

test('place: somebody without any account, has insufficient funds', async (t) => {
  const { trading, customer } = t.context;
  t.is(codeOf(await t.throwsAsync(trading.placing.place(await customer({}), buy, undefined))), 'INSUFFICIENT_FUNDS');
});

test('place: one without funds in a batch, does not hinder the others', async (t) => {
  const { trading, customer } = t.context;
  const rich = await customer();
  const poor = await customer({ USDT: '1' });
  const placed = await Promise.allSettled(
    Array.from({ length: 40 }, (_, index) => trading.placing.place(index % 2 === 0 ? rich : poor, buy, undefined)),
  );
  t.is(placed.filter(({ status }) => status === 'fulfilled').length, 20);
});

const isRefused = test.macro(async (t, change: Partial<OrderRequest>, code: ErrorCode) => {
  const { trading, customer, balances, orders } = t.context;
  const alice = await customer();
  const error = await t.throwsAsync(trading.placing.place(alice, { ...buy, ...change }, 'some key'));
  t.is(codeOf(error), code);
  t.deepEqual(await orders(alice.userId), []);
  t.deepEqual(await balances(alice.userId, 'USDT'), { available: '100000', reserved: '0' });
});

test('place: an unknown market, is refused', isRefused, { symbol: 'DOGE/USDT' }, 'MARKET_NOT_FOUND');
test('place: a malformed price, is refused', isRefused, { price: '1e3' }, 'INVALID_REQUEST');
test('place: a price between ticks, is refused', isRefused, { price: '1.001' }, 'INVALID_PRICE');
test('place: a quantity between lots, is refused', isRefused, { quantity: '1.00001' }, 'INVALID_QUANTITY');
test('place: too small a value, is refused', isRefused, { price: '1', quantity: '0.1' }, 'MIN_NOTIONAL');
test('place: a buy above the band, is refused', isRefused, { price: '75000.01' }, 'PRICE_OUT_OF_BAND');
test('place: more than there is, is refused', isRefused, { quantity: '3' }, 'INSUFFICIENT_FUNDS');

test('place: an unverified customer, is refused', async (t) => {
  const { trading, customer } = t.context;
  const alice = await customer();
  const error = await t.throwsAsync(trading.placing.place({ ...alice, kycStatus: 'pending' }, buy, undefined));
  t.is(codeOf(error), 'KYC_REQUIRED');
});

test('place: Redis is away, is refused before anything is committed', async (t) => {
  const { otherProcess, customer, orders } = t.context;
  const redis = awayRedis();
  const alice = await customer();
  const error = await t.throwsAsync(otherProcess({ redis }).placing.place(alice, buy, undefined), {
    instanceOf: DomainError,
  });
  t.is(codeOf(error), 'UNAVAILABLE');
  t.is(error.details.retryAfter, 1);
  t.deepEqual(await orders(alice.userId), []);
});

test('place: too many commands wait for the matcher, is refused before anything is committed', async (t) => {
  const { otherProcess, customer, orders } = t.context;
  const alice = await customer();
  await t.context.trading.placing.place(alice, buy, undefined);
  const error = await t.throwsAsync(otherProcess({ maxQueued: 0 }).placing.place(alice, buy, undefined));
  t.is(codeOf(error), 'UNAVAILABLE');
  t.is((await orders(alice.userId)).length, 1);
});

test('place: Redis goes away after the commit, is answered and left PENDING for the sweep', async (t) => {
  const { db, redis, otherProcess, customer, orders, sent } = t.context;
  // The queue can be measured, but nothing added to it: what a process killed between the two leaves behind.
  const deaf = new Proxy(redis, {
    get: (target, name) =>
      name === 'pipeline'
        ? () => ({ xadd: () => undefined, exec: () => Promise.reject(new Error('away')) })
        : (Reflect.get(target, name) as unknown),
  });
  const alice = await customer();
  const order = await otherProcess({ redis: deaf }).placing.place(alice, buy, undefined);
  t.deepEqual(await orders(alice.userId), [{ order_id: order.orderId, status: 'PENDING' }]);
  t.false((await sent()).some((each) => each.kind === 'PLACE' && each.order.orderId === order.orderId));
  const orphans = await db.any<{ order_id: string }>(
    `SELECT order_id FROM trading.orders WHERE symbol = $1 AND status = 'PENDING' AND user_id = $2`,
    [symbol, alice.userId],
  );
  t.is(orphans[0]?.order_id, order.orderId);
});

test("place: at a month's end, lies in the partition of its millisecond", async (t) => {
  const { db, customer, otherProcess } = t.context;
  const alice = await customer();
  const now = new Date();
  const nextMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
  const partitions = new Set<string>();
  for (const ms of [nextMonth.getTime() - 1, nextMonth.getTime()]) {
    const clock = () => new Date(ms);
    const { placing } = otherProcess({ clock, newId: createIds(clock) });
    const { orderId, createdAt } = await placing.place(alice, buy, undefined);
    t.is(createdAt.getTime(), ms);
    const { partition } = await db.one<{ partition: string }>(
      'SELECT tableoid::regclass::text AS partition FROM trading.orders WHERE order_id = $1',
      [orderId],
    );
    partitions.add(partition);
  }
  t.is(partitions.size, 2);
  t.false(partitions.has('trading.orders_default'));
});

test('test an order: what it would reserve, is told and nothing placed', async (t) => {
  const { trading, customer, orders } = t.context;
  const alice = await customer();
  const placement = await trading.placing.test(alice, { symbol, side: 'BUY', orderType: 'MARKET', quantity: '0.1' });
  t.like(placement, { reserveAsset: 'USDT', protectionPrice: '52500', reserveAmount: '5250' });
  t.deepEqual(await orders(alice.userId), []);
});
