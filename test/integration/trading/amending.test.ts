import { randomUUID } from 'node:crypto';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { DomainError, type ErrorCode } from '../../../domain/errors.ts';
import type { AmendRequest } from '../../../domain/trading/amendment.ts';
import { until } from '../../_support/until.ts';
import { awayRedis, buy, createKit, type Kit } from './kit.ts';

const test = anyTest as TestFn<Kit>;

test.before(async (t) => {
  t.context = await createKit();
});
test.after.always((t) => t.context.close());

const codeOf = (error: unknown): ErrorCode | undefined => (error instanceof DomainError ? error.code : undefined);

/** What the matcher says of the amends of an order. */
async function decide({ db }: Kit, orderId: string, outcome: string): Promise<void> {
  const text = 'UPDATE trading.commands SET outcome = $2, outcome_at = now() WHERE order_id = $1 AND outcome IS NULL';
  await until(async () => (await db.result(text, [orderId, outcome])).rowCount > 0);
}

async function placed({ context }: ExecutionContext<Kit>, balance = '1000') {
  const alice = await context.customer({ USDT: balance });
  const { orderId } = await context.trading.placing.place(alice, buy, undefined);
  return { alice, orderId };
}

const commandsOf = ({ db }: Kit, orderId: string) =>
  db.any<{ command_id: string; kind: string; outcome: string | null }>(
    'SELECT command_id, kind, outcome FROM trading.commands WHERE order_id = $1',
    [orderId],
  );

test('amend: its outcome comes within a second, is answered with the order as it is then', async (t) => {
  const { trading, db } = t.context;
  const { alice, orderId } = await placed(t);
  const amending = trading.amending.amend(alice, orderId, { quantity: '0.005' });
  await until(async () => (await commandsOf(t.context, orderId)).length > 0);
  await db.none('UPDATE trading.orders SET quantity = 0.005 WHERE order_id = $1', [orderId]);
  await decide(t.context, orderId, 'AMENDED');
  t.like(await amending, { isDone: true, order: { orderId, quantity: '0.005' } });
});

test('amend: nothing comes of it for a second, is on its way with its funds reserved and sent once', async (t) => {
  const { trading, db, balances, sent } = t.context;
  const { alice, orderId } = await placed(t);
  const { isDone, commandId, order } = await trading.amending.amend(alice, orderId, { quantity: '0.012' });
  t.false(isDone);
  t.is(order.quantity, '0.01');
  t.deepEqual(await balances(alice.userId, 'USDT'), { available: '400', reserved: '600' });
  const held = await db.one<object>('SELECT kind, state FROM ledger.reservations WHERE reservation_id = $1', [
    commandId,
  ]);
  t.deepEqual(held, { kind: 'amend', state: 'placed' });
  const [command, ...more] = (await sent()).filter((each) => each.kind === 'AMEND' && each.orderId === orderId);
  t.like(command, { commandId, from: { lots: 100 }, to: { lots: 120, limitTicks: 5_000_000 }, funds: 100_000_000 });
  t.deepEqual(more, []);
});

test('amend: without the funds for it, is refused and leaves no command', async (t) => {
  const { trading, balances } = t.context;
  const { alice, orderId } = await placed(t, '599');
  const error = await t.throwsAsync(trading.amending.amend(alice, orderId, { quantity: '0.012' }));
  t.is(codeOf(error), 'INSUFFICIENT_FUNDS');
  t.deepEqual(await commandsOf(t.context, orderId), []);
  t.deepEqual(await balances(alice.userId, 'USDT'), { available: '99', reserved: '500' });
});

test('amend: several at once for one balance, are granted as far as it goes', async (t) => {
  const { trading, balances } = t.context;
  const { alice, orderId } = await placed(t, '700');
  const amends = await Promise.allSettled(
    Array.from({ length: 5 }, () => trading.amending.amend(alice, orderId, { quantity: '0.012' })),
  );
  const codes = amends.map((each) => (each.status === 'rejected' ? codeOf(each.reason) : 'on its way'));
  t.deepEqual(codes.sort(), [...Array<string>(3).fill('INSUFFICIENT_FUNDS'), 'on its way', 'on its way']);
  t.deepEqual(await balances(alice.userId, 'USDT'), { available: '0', reserved: '700' });
});

test('amend: the engine refuses it, is refused for that reason', async (t) => {
  const { trading } = t.context;
  for (const reason of ['ORDER_CHANGED', 'ORDER_NOT_OPEN', 'POST_ONLY_WOULD_TAKE', 'STOP_WOULD_TRIGGER'] as const) {
    const { alice, orderId } = await placed(t);
    const [error] = await Promise.all([
      t.throwsAsync(trading.amending.amend(alice, orderId, { quantity: '0.005' })),
      decide(t.context, orderId, reason),
    ]);
    t.is(codeOf(error), reason);
  }
});

test('amend: a command that is a dead letter, is a fault', async (t) => {
  const { trading } = t.context;
  const { alice, orderId } = await placed(t);
  const [error] = await Promise.all([
    t.throwsAsync(trading.amending.amend(alice, orderId, { quantity: '0.005' })),
    decide(t.context, orderId, 'FAULTED'),
  ]);
  t.is(codeOf(error), undefined);
});

const isRefused = test.macro({
  title: (_, circumstance: string) => `amend: ${circumstance}, is refused and leaves no command`,
  exec: async (t, _circumstance: string, code: ErrorCode, request: AmendRequest, sql?: string) => {
    const { trading, db } = t.context;
    const { alice, orderId } = await placed(t);
    if (sql !== undefined) await db.none(sql, [orderId]);
    t.is(codeOf(await t.throwsAsync(trading.amending.amend(alice, orderId, request))), code);
    t.deepEqual(await commandsOf(t.context, orderId), []);
  },
});
const less = { quantity: '0.005' };
test(
  isRefused,
  'a final order',
  'ORDER_NOT_OPEN',
  less,
  `UPDATE trading.orders SET status = 'FILLED' WHERE order_id = $1`,
);
test(
  isRefused,
  'no more than is filled',
  'INVALID_QUANTITY',
  less,
  'UPDATE trading.orders SET filled_quantity = 0.005 WHERE order_id = $1',
);
test(
  isRefused,
  'no more than is prevented',
  'INVALID_QUANTITY',
  less,
  'UPDATE trading.orders SET prevented_quantity = 0.005 WHERE order_id = $1',
);
test(isRefused, 'a stop price of a limit order', 'INVALID_REQUEST', { stopPrice: '51000' });
test(isRefused, 'a price out of the band', 'PRICE_OUT_OF_BAND', { price: '90000' });

test("amend: an unknown order and somebody else's, are not found", async (t) => {
  const { trading, customer } = t.context;
  const { orderId } = await placed(t);
  const bob = await customer();
  for (const id of [orderId, randomUUID()]) {
    t.is(codeOf(await t.throwsAsync(trading.amending.amend(bob, id, less))), 'ORDER_NOT_FOUND');
  }
});

test('amend: a customer who is not verified any more, is refused', async (t) => {
  const { alice, orderId } = await placed(t);
  const amend = t.context.trading.amending.amend({ ...alice, kycStatus: 'rejected' }, orderId, less);
  t.is(codeOf(await t.throwsAsync(amend)), 'KYC_REQUIRED');
});

test('amend: Redis is away, is refused before anything is committed', async (t) => {
  const { alice, orderId } = await placed(t);
  const { amending } = t.context.otherProcess({ redis: awayRedis() });
  t.is(codeOf(await t.throwsAsync(amending.amend(alice, orderId, less))), 'UNAVAILABLE');
  t.deepEqual(await commandsOf(t.context, orderId), []);
});

test('place: asked again after an amend, answers the order as it was placed', async (t) => {
  const { trading, customer, db } = t.context;
  const alice = await customer();
  const request = { ...buy, clientOrderId: 'amended-later' };
  const first = await trading.placing.place(alice, request, undefined);
  const row = { order_id: first.orderId, quantity: '0.02', limit: '49000', stop_price: '0', reserve_price: '49000' };
  for (const quantity of ['0.02', '0.03']) {
    await db.any('SELECT trading.amend_orders($1::json)', [JSON.stringify([{ ...row, quantity }])]);
  }
  t.like(await trading.orders.find(alice.userId, { orderId: first.orderId }), { quantity: '0.03', price: '49000' });
  t.deepEqual(await trading.placing.place(alice, request, undefined), first);
});
