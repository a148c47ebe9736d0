import { randomUUID } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { DomainError, type ErrorCode } from '../../../domain/errors.ts';
import { until } from '../../_support/until.ts';
import { awayRedis, buy, createKit, type Kit, symbol } from './kit.ts';

const test = anyTest as TestFn<Kit>;

test.before(async (t) => {
  t.context = await createKit();
});
test.after.always((t) => t.context.close());

const codeOf = (error: unknown): ErrorCode | undefined => (error instanceof DomainError ? error.code : undefined);

/** What the matcher does with a cancel: it writes the command's outcome and the order. */
async function decide({ db }: Kit, orderId: string, outcome: string): Promise<void> {
  await until(async () => {
    const done = await db.result('UPDATE trading.commands SET outcome = $2, outcome_at = now() WHERE order_id = $1', [
      orderId,
      outcome,
    ]);
    return done.rowCount > 0;
  });
}

test('cancel: the matcher cancels it within a second, is done with the order as it is then', async (t) => {
  const { trading, customer, db, sent } = t.context;
  const alice = await customer();
  const { orderId } = await trading.placing.place(alice, buy, undefined);
  const cancelling = trading.cancelling.cancel(alice.userId, orderId);
  await until(async () => (await sent()).some((each) => each.kind === 'CANCEL' && each.orderId === orderId));
  await db.none(`UPDATE trading.orders SET status = 'CANCELLED', reason = 'USER' WHERE order_id = $1`, [orderId]);
  await decide(t.context, orderId, 'CANCELLED');
  t.like(await cancelling, { isDone: true, order: { orderId, status: 'CANCELLED', reason: 'USER' } });
});

test('cancel: the matcher says nothing for a second, is on its way as a committed command', async (t) => {
  const { trading, customer, db } = t.context;
  const alice = await customer();
  const { orderId } = await trading.placing.place(alice, buy, undefined);
  const { commandId, isDone, order } = await trading.cancelling.cancel(alice.userId, orderId);
  t.false(isDone);
  t.is(order.status, 'PENDING');
  t.like(await db.one('SELECT * FROM trading.commands WHERE command_id = $1', [commandId]), {
    symbol,
    kind: 'CANCEL',
    order_id: orderId,
    user_id: alice.userId,
    outcome: null,
  });
});

test('cancel: Redis is away, is on its way at once', async (t) => {
  const { trading, otherProcess, customer } = t.context;
  const alice = await customer();
  const { orderId } = await trading.placing.place(alice, buy, undefined);
  const redis = awayRedis();
  const started = performance.now();
  t.false((await otherProcess({ redis }).cancelling.cancel(alice.userId, orderId)).isDone);
  t.true(performance.now() - started < 900);
});

test("cancel: an unknown order and somebody else's, are not found and leave no command", async (t) => {
  const { trading, customer, db } = t.context;
  const [alice, bob] = [await customer(), await customer()];
  const { orderId } = await trading.placing.place(alice, buy, undefined);
  for (const id of [orderId, randomUUID()]) {
    t.is(codeOf(await t.throwsAsync(trading.cancelling.cancel(bob.userId, id))), 'ORDER_NOT_FOUND');
  }
  t.is(
    (await db.one<{ count: string }>('SELECT count(*) FROM trading.commands WHERE user_id = $1', [bob.userId])).count,
    '0',
  );
});

test('cancel: a final order, is not open', async (t) => {
  const { trading, customer, db } = t.context;
  const alice = await customer();
  const { orderId } = await trading.placing.place(alice, buy, undefined);
  await db.none(`UPDATE trading.orders SET status = 'FILLED' WHERE order_id = $1`, [orderId]);
  t.is(codeOf(await t.throwsAsync(trading.cancelling.cancel(alice.userId, orderId))), 'ORDER_NOT_OPEN');
  t.is(
    (await db.one<{ count: string }>('SELECT count(*) FROM trading.commands WHERE order_id = $1', [orderId])).count,
    '0',
  );
});

test('cancel: it is filled before the cancel arrives, is not open', async (t) => {
  const { trading, customer } = t.context;
  const alice = await customer();
  const { orderId } = await trading.placing.place(alice, buy, undefined);
  const [error] = await Promise.all([
    t.throwsAsync(trading.cancelling.cancel(alice.userId, orderId)),
    decide(t.context, orderId, 'ORDER_NOT_OPEN'),
  ]);
  t.is(codeOf(error), 'ORDER_NOT_OPEN');
});

test('cancel all: orders in two markets, are one command for each that has any', async (t) => {
  const { trading, customer, deposit, sent } = t.context;
  const alice = await customer();
  await deposit(alice.userId, 'ETH', '1');
  await trading.placing.place(alice, buy, undefined);
  await trading.placing.place(alice, buy, undefined);
  await trading.placing.place(
    alice,
    { symbol: 'ETH/USDT', side: 'SELL', orderType: 'LIMIT', price: '4000', quantity: '0.5' },
    undefined,
  );
  const one = await trading.cancelling.cancelAll(alice.userId, 'ETH/USDT');
  t.deepEqual(
    one.map(({ symbol: market, isDone }) => [market, isDone]),
    [['ETH/USDT', false]],
  );
  const all = await trading.cancelling.cancelAll(alice.userId, undefined);
  t.deepEqual(
    all.map(({ symbol: market }) => market),
    ['BTC/USDT', 'ETH/USDT'],
  );
  const ids = (await sent('ETH/USDT')).flatMap((each) => (each.kind === 'CANCEL_ALL' ? [each.commandId] : []));
  t.deepEqual(ids, [one[0]?.commandId, all[1]?.commandId]);
});

test('cancel all: no open orders, is nothing to do', async (t) => {
  const { trading, customer } = t.context;
  t.deepEqual(await trading.cancelling.cancelAll((await customer()).userId, undefined), []);
});

test('cancel all: an unknown market, is not found', async (t) => {
  const { trading, customer } = t.context;
  const error = await t.throwsAsync(trading.cancelling.cancelAll((await customer()).userId, 'DOGE/USDT'));
  t.is(codeOf(error), 'MARKET_NOT_FOUND');
});
