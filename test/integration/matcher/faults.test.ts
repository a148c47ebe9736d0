import test, { type ExecutionContext } from 'ava';
import { commandField } from '../../../domain/trading/command.ts';
import type { Matcher, MatcherDeps } from '../../../matcher/matcher.ts';
import { shadow } from '../../../matcher/shadow.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { openDatabase } from '../../../storage/db.ts';
import { until } from '../../_support/until.ts';
import { checkBooks } from './books.ts';
import { type Cut, startCuttingProxy } from './cutting-proxy.ts';
import { type Kit, prepare } from './kit.ts';
import { stream, symbol } from './market.ts';
import type { Wish } from './wishes.ts';

const crossing: readonly Wish[] = [
  { side: 'SELL', ticks: 10_000, lots: 3 },
  { side: 'BUY', ticks: 10_050, lots: 1 },
  { side: 'BUY', ticks: 10_000, lots: 1 },
];

/** Sells and buys of different users, so that they trade. */
const place = (kit: Kit) =>
  kit.place(crossing.map((wish) => ({ ...wish, user: kit.users[wish.side === 'SELL' ? 0 : 1]! })));

async function startBehindProxy(t: ExecutionContext, kit: Kit) {
  const proxy = await startCuttingProxy(kit.database.url);
  const { db, close } = openDatabase({
    connectionString: proxy.url,
    poolSize: 5,
    applicationName: 'matcher',
    statementTimeoutMs: 5_000,
  });
  const matcher = kit.start({ db });
  t.teardown(async () => {
    await matcher.stop();
    await close();
    proxy.close();
  });
  return { proxy, matcher };
}

const unknownOutcome = test.macro({
  title: (_, where: Cut) => `commit: the connection breaks with the ${where}, the batch is in exactly once`,
  exec: async (t, where: Cut) => {
    const kit = await prepare(t, 2);
    const { proxy } = await startBehindProxy(t, kit);
    await place(kit);
    await kit.settled();
    for (let round = 0; round < 3; round += 1) {
      proxy.cut(where, 'commit-batch');
      await place(kit);
      await kit.settled();
    }
    t.is(proxy.cuts, 3);
    await checkBooks(t, kit);
  },
});
test(unknownOutcome, 'request');
test(unknownOutcome, 'answer');

test('look-up: the connection breaks while a batch is made, it is asked again and the matcher goes on', async (t) => {
  const kit = await prepare(t, 2);
  const { proxy } = await startBehindProxy(t, kit);
  // Both are filled and out of the book: a cancel of one has to be looked up.
  const [sell] = await kit.place([
    { side: 'SELL', ticks: 10_000, lots: 1, user: kit.users[0]! },
    { side: 'BUY', ticks: 10_000, lots: 1, user: kit.users[1]! },
  ]);
  await kit.settled();
  proxy.cut('request', sell!.orderId);
  const late = await kit.cancel(sell!.orderId, kit.users[0]!);
  await kit.settled(5_000);
  t.is(proxy.cuts, 1);
  t.is(await kit.outcome(late), 'ORDER_NOT_OPEN');
});

/** A matcher whose end is told instead of ending the process. */
function startEnding(kit: Kit, options: Partial<MatcherDeps> = {}): { matcher: Matcher; ended: Promise<Error> } {
  const { promise: ended, resolve } = Promise.withResolvers<Error>();
  return { matcher: kit.start({ onEnd: resolve, ...options }), ended };
}

test('lease: another has taken the market over, nothing more is committed and the matcher ends', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const { matcher, ended } = startEnding(kit);
  await until(() => matcher.markets.size === 1);
  await db.none("UPDATE trading.market_state SET epoch = epoch + 1, lease_until = now() + interval '1 minute'");
  const [order] = await place(kit);
  t.regex((await ended).message, /taken over/);
  t.is((await kit.orders([order!.orderId]))[0]!.status, 'PENDING');
  t.is(await db.one('SELECT count(*)::int AS n FROM trading.journal', [], (row: { n: number }) => row.n), 0);
});

test('lease: the clock differs from PostgreSQL’s by more than a second, the matcher ends', async (t) => {
  const kit = await prepare(t, 1);
  const { ended } = startEnding(kit, { now: () => Date.now() - 5_000 });
  t.regex((await ended).message, /clock differs/);
});

test('commit: one command breaks a constraint, it alone is set aside and the rest goes in', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = ''] = kit.users;
  const good = await kit.store(
    Array.from({ length: 40 }, (_, index) => ({ user: alice, side: 'BUY', ticks: 9_000 + index, lots: 1 }) as const),
  );
  const [bad] = await kit.store([{ user: alice, side: 'BUY', ticks: 9_000, lots: 5, timeInForce: 'IOC' }]);
  // Its funds are gone, so that what it would release cannot be released.
  await db.none("UPDATE ledger.reservations SET remaining = 0, state = 'released' WHERE reservation_id = $1", [
    bad!.orderId,
  ]);
  await kit.send([...good.slice(0, 25), bad!, ...good.slice(25)]);
  kit.start();
  await kit.settled();
  t.like((await kit.orders([bad!.orderId]))[0], { status: 'REJECTED', reason: 'FAULTED' });
  const statuses = new Set((await kit.orders(good.map(({ orderId }) => orderId))).map(({ status }) => status));
  t.deepEqual([...statuses], ['OPEN']);
  await until(async () => (await kit.redis.redis.xlen(`${stream}.dlq`)) === 1);
  const [[, fields]] = (await kit.redis.redis.xrange(`${stream}.dlq`, '-', '+')) as [[string, string[]]];
  t.true(fields[fields.indexOf(commandField) + 1]!.includes(bad!.orderId));
  t.is(
    (await shadow(kit.database.db, symbol)).fault,
    undefined,
    'the journal replays, without what never was in the book',
  );
});

test('recovery: the open orders are not those of the committed state, the market is not served', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const first = kit.start();
  await place(kit);
  await kit.settled();
  await first.stop();
  await db.none(
    "UPDATE trading.orders SET filled_quantity = filled_quantity + 0.0001 WHERE status = 'PARTIALLY_FILLED'",
  );
  const { changed } = await db.one<{ changed: number }>(
    "SELECT count(*)::int AS changed FROM trading.orders WHERE status IN ('OPEN', 'PARTIALLY_FILLED')",
  );
  t.is(changed, 1);
  const metrics = createMetrics();
  const { matcher } = startEnding(kit, { metrics });
  await until(async () => (await metrics.registry.metrics()).includes(`matcher_market_halted{symbol="${symbol}"} 1`));
  t.is(matcher.markets.size, 0);
  const { free } = await db.one<{ free: boolean }>('SELECT lease_until < now() AS free FROM trading.market_state');
  t.true(free, 'the door sees that nobody serves it');
});

test('hint: trades are unsettled, settlement is told again until they are', async (t) => {
  const kit = await prepare(t, 2);
  const told: string[] = [];
  kit.start({
    async signalWithStart({ workflowId, input, signal }) {
      told.push(`${signal} ${workflowId} ${input}`);
      if (told.length === 1) throw new Error('Temporal is away');
    },
  });
  await place(kit);
  await until(() => told.length >= 2, 15_000);
  t.deepEqual([...new Set(told)], [`tradesMatched settlement:BTC-USDT ${symbol}`]);
});
