import { randomUUID } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { DomainError } from '../../../domain/errors.ts';
import type { OrderRequest } from '../../../domain/trading/placement.ts';
import type { Several } from '../../../services/trading/several.ts';
import { until } from '../../_support/until.ts';
import { awayRedis, buy, createKit, type Kit } from './kit.ts';

const test = anyTest as TestFn<Kit>;

test.before(async (t) => {
  t.context = await createKit();
});
test.after.always((t) => t.context.close());

const read = <T>(values: readonly T[]): Several<T> => values.map((value) => ({ status: 'fulfilled', value }));

/** For each in turn: OK, or the code of its refusal. */
const codesOf = (several: Several<unknown>): readonly string[] =>
  several.map((one) => {
    if (one.status === 'fulfilled') return 'OK';
    return one.reason instanceof DomainError ? one.reason.code : String(one.reason);
  });

/** Commits that wrote what there is of a user's orders, or commands. */
const commits = async ({ db }: Kit, table: 'orders' | 'commands', userId: string): Promise<number> =>
  (
    await db.one<{ count: number }>(
      'SELECT count(DISTINCT xmin::text)::int AS count FROM trading.$1:name WHERE user_id = $2',
      [table, userId],
    )
  ).count;

const fifty = Array.from({ length: 50 }, (_, place): OrderRequest => ({ ...buy, price: String(40_000 + place) }));

test('place each: 50 orders, one commit, all sent in the order given', async (t) => {
  const { trading, customer, sent } = t.context;
  const alice = await customer();
  const placed = await trading.placing.placeEach(alice, read(fifty), undefined);
  t.deepEqual(
    placed.map((one) => one.status === 'fulfilled' && one.value.price),
    fifty.map(({ price }) => price),
  );
  t.is(await commits(t.context, 'orders', alice.userId), 1);
  const mine = (await sent()).flatMap((each) =>
    each.kind === 'PLACE' && each.order.userId === alice.userId ? [each.order.limitTicks] : [],
  );
  t.deepEqual(
    mine,
    fifty.map(({ price }) => Number(price) * 100),
  );
});

test('place each: funds for 3 of 5, go to the first three', async (t) => {
  const { trading, customer, balances } = t.context;
  const alice = await customer({ USDT: '1700' });
  const placed = await trading.placing.placeEach(alice, read(Array.from({ length: 5 }, () => buy)), undefined);
  t.deepEqual(codesOf(placed), ['OK', 'OK', 'OK', 'INSUFFICIENT_FUNDS', 'INSUFFICIENT_FUNDS']);
  t.deepEqual(await balances(alice.userId, 'USDT'), { available: '200', reserved: '1500' });
});

test('place each: one that could not be read, keeps its place and its fault', async (t) => {
  const { trading, customer, orders } = t.context;
  const alice = await customer();
  const fault: PromiseRejectedResult = {
    status: 'rejected',
    reason: new DomainError('INVALID_REQUEST', 'Unreadable.'),
  };
  const placed = await trading.placing.placeEach(alice, [...read([buy]), fault, ...read([buy])], undefined);
  t.deepEqual(codesOf(placed), ['OK', 'INVALID_REQUEST', 'OK']);
  t.is((await orders(alice.userId)).length, 2);
});

test('place each: an idempotency key, counts for each by its place', async (t) => {
  const { trading, customer, orders } = t.context;
  const alice = await customer();
  const first = await trading.placing.placeEach(alice, read([buy, buy]), 'batch-1');
  t.is((await orders(alice.userId)).length, 2);
  t.deepEqual(await trading.placing.placeEach(alice, read([buy, buy]), 'batch-1'), first);
  const changed = read([buy, { ...buy, price: '49000' }]);
  t.deepEqual(codesOf(await trading.placing.placeEach(alice, changed, 'batch-1')), ['OK', 'IDEMPOTENCY_CONFLICT']);
  t.is((await orders(alice.userId)).length, 2);
});

test('place each: the same batch 20 times at once by two processes, is placed once', async (t) => {
  const { trading, otherProcess, customer, orders } = t.context;
  const alice = await customer();
  const processes = [trading, otherProcess()];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => processes[n % 2]!.placing.placeEach(alice, read(fifty), 'batch-2')),
  );
  t.is(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
  t.is((await orders(alice.userId)).length, 50);
});

test('place each: a market without matcher beside one that has, hinders its own orders only', async (t) => {
  const { trading, customer, setMarket, orders } = t.context;
  const alice = await customer();
  await setMarket('ETH/USDT', { lease_until: '-infinity' });
  const ether = { ...buy, symbol: 'ETH/USDT', price: '3000', quantity: '1' };
  const placed = await trading.placing.placeEach(alice, read([buy, ether]), undefined);
  t.deepEqual(codesOf(placed), ['OK', 'UNAVAILABLE']);
  const error = await t.throwsAsync(trading.placing.placeEach(alice, read([ether, ether]), undefined), {
    instanceOf: DomainError,
  });
  t.is(error.code, 'UNAVAILABLE');
  t.is(error.details.retryAfter, 5);
  t.is((await orders(alice.userId)).length, 1);
});

test('place each: Redis is away, is refused whole before anything is committed', async (t) => {
  const { otherProcess, customer, orders } = t.context;
  const alice = await customer();
  const { placing } = otherProcess({ redis: awayRedis() });
  const error = await t.throwsAsync(placing.placeEach(alice, read(fifty), undefined), { instanceOf: DomainError });
  t.is(error.code, 'UNAVAILABLE');
  t.deepEqual(await orders(alice.userId), []);
});

// Both serial, so that nobody else's work is in the second that they may wait.
test.serial('place for its result: the matcher takes it in, is answered as it is then, to all who ask', async (t) => {
  const { trading, customer, db, orders } = t.context;
  const alice = await customer();
  const request = { ...buy, clientOrderId: 'result' };
  const asked = [1, 2].map(() => trading.placing.place(alice, request, undefined, 'result'));
  await until(async () => (await orders(alice.userId)).length === 1);
  await db.none(`UPDATE trading.orders SET status = 'OPEN', filled_quantity = 0.004 WHERE user_id = $1`, [
    alice.userId,
  ]);
  const [first, second] = await Promise.all(asked);
  t.like(first, { status: 'OPEN', filledQuantity: '0.004' });
  t.deepEqual(second, first);
  t.is((await trading.placing.place(alice, request, undefined)).status, 'PENDING');
});

test.serial(
  'place for its result: Redis takes nothing after the commit, is answered PENDING without the wait',
  async (t) => {
    const { redis, otherProcess, customer } = t.context;
    const deaf = new Proxy(redis, {
      get: (target, name) =>
        name === 'pipeline'
          ? () => ({ xadd: () => undefined, exec: () => Promise.reject(new Error('away')) })
          : (Reflect.get(target, name) as unknown),
    });
    const { placing } = otherProcess({ redis: deaf });
    const alice = await customer();
    await placing.place(alice, buy, undefined);
    const started = performance.now();
    t.is((await placing.place(alice, buy, undefined, 'result')).status, 'PENDING');
    t.true(performance.now() - started < 900);
  },
);

test('cancel each: open, final, unknown and twice, each its own outcome and one commit', async (t) => {
  const { trading, customer, db } = t.context;
  const [alice, bob] = [await customer(), await customer()];
  const placed = await trading.placing.placeEach(alice, read([buy, buy, buy]), undefined);
  const [first = '', second = '', third = ''] = placed.map((one) =>
    one.status === 'fulfilled' ? one.value.orderId : '',
  );
  await db.none(`UPDATE trading.orders SET status = 'FILLED' WHERE order_id = $1`, [second]);
  const theirs = await trading.placing.place(bob, buy, undefined);
  const cancelling = trading.cancelling.cancelEach(
    alice.userId,
    read([first, second, theirs.orderId, randomUUID(), third]),
  );
  const ofAlice = 'SELECT count(*)::int AS count FROM trading.commands WHERE user_id = $1';
  await until(async () => (await db.one<{ count: number }>(ofAlice, [alice.userId])).count === 2);
  t.is(await commits(t.context, 'commands', alice.userId), 1);
  await db.none(`UPDATE trading.orders SET status = 'CANCELLED', reason = 'USER' WHERE order_id = $1`, [first]);
  await db.none(`UPDATE trading.commands SET outcome = 'CANCELLED', outcome_at = now() WHERE order_id = $1`, [first]);
  const cancelled = await cancelling;
  t.deepEqual(codesOf(cancelled), ['OK', 'ORDER_NOT_OPEN', 'ORDER_NOT_FOUND', 'ORDER_NOT_FOUND', 'OK']);
  t.like(cancelled[0], { value: { isDone: true, order: { orderId: first, status: 'CANCELLED' } } });
  t.like(cancelled[4], { value: { isDone: false, order: { orderId: third, status: 'PENDING' } } });
});
