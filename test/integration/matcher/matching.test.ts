import test from 'ava';
import { commandField } from '../../../domain/trading/command.ts';
import { marketField, marketStream } from '../../../domain/trading/feed.ts';
import { listPreventedMatches } from '../../../storage/trading/orders.ts';
import { until } from '../../_support/until.ts';
import { checkBooks } from './books.ts';
import { prepare } from './kit.ts';
import { stream, symbol } from './market.ts';
import type { Wish } from './wishes.ts';

test('matcher: a resting sell and a buy above it, trade at the maker’s price with fees and release', async (t) => {
  const kit = await prepare(t, 2);
  const [alice = '', bob = ''] = kit.users;
  kit.start();
  const [sell, buy] = await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 10_000 },
    { user: bob, side: 'BUY', ticks: 10_100, lots: 20_000 },
  ]);
  await kit.settled();
  const [sold, bought] = await kit.orders([sell!.orderId, buy!.orderId]);
  t.like(sold, { status: 'FILLED', filled_quantity: '1', fees: '0.1' });
  t.like(bought, { status: 'PARTIALLY_FILLED', filled_quantity: '1', fees: '0.002' });
  const trade = await kit.database.db.one<Record<string, unknown>>(
    `SELECT trade_seq, trim_scale(price)::text AS price, trim_scale(quote_amount)::text AS quote,
            trim_scale(buyer_fee)::text AS buyer_fee, trim_scale(seller_fee)::text AS seller_fee,
            trim_scale(buyer_release)::text AS release, is_buyer_maker FROM trading.trades`,
  );
  t.deepEqual(trade, {
    trade_seq: '1',
    price: '100',
    quote: '100',
    buyer_fee: '0.002',
    seller_fee: '0.1',
    release: '1',
    is_buyer_maker: false,
  });
});

const prevents = test.macro({
  title: (_, mode: Wish['selfTradePrevention']) => `matcher: two orders of one user meet, ${mode}, are listed with it`,
  exec: async (t, mode: NonNullable<Wish['selfTradePrevention']>, ofMaker: string, ofTaker: string) => {
    const kit = await prepare(t, 1);
    const [alice = ''] = kit.users;
    kit.start();
    const [maker, taker] = await kit.place([
      { user: alice, side: 'SELL', ticks: 10_000, lots: 10_000 },
      { user: alice, side: 'BUY', ticks: 10_100, lots: 4_000, selfTradePrevention: mode },
    ]);
    await kit.settled();
    const orders = await kit.orders([maker!.orderId, taker!.orderId]);
    t.deepEqual(
      orders.map((order) => order.prevented_quantity),
      [ofMaker, ofTaker],
    );
    const [listed, ...others] = await listPreventedMatches(kit.database.db, maker!.orderId, { limit: 2 });
    t.like(listed, {
      symbol,
      makerOrderId: maker!.orderId,
      takerOrderId: taker!.orderId,
      price: '100',
      quantity: '0.4',
      selfTradePrevention: mode,
    });
    t.deepEqual(others, []);
    t.deepEqual(await listPreventedMatches(kit.database.db, taker!.orderId, { limit: 2 }), [listed!]);
    t.deepEqual(
      await listPreventedMatches(kit.database.db, taker!.orderId, { limit: 2, before: listed!.preventedMatchId }),
      [],
    );
  },
});

test(prevents, 'EXPIRE_TAKER', '0', '0.4');
test(prevents, 'EXPIRE_MAKER', '0.4', '0');
test(prevents, 'EXPIRE_BOTH', '0.4', '0.4');
test(prevents, 'DECREMENT', '0.4', '0.4');

test('matcher: a cancel, releases exactly what is open', async (t) => {
  const kit = await prepare(t, 1);
  const [alice = ''] = kit.users;
  kit.start();
  const [order] = await kit.place([{ user: alice, side: 'BUY', ticks: 10_000, lots: 5_000 }]);
  const command = await kit.cancel(order!.orderId, alice);
  await kit.settled();
  t.is(await kit.outcome(command), 'CANCELLED');
  t.like((await kit.orders([order!.orderId]))[0], { status: 'CANCELLED', reason: 'USER' });
  const reservation = await kit.database.db.one<Record<string, unknown>>(
    'SELECT trim_scale(remaining)::text AS remaining, state FROM ledger.reservations',
  );
  t.deepEqual(reservation, { remaining: '0', state: 'released' });
});

test('matcher: commands in a hostile order, get their defined outcomes', async (t) => {
  const kit = await prepare(t, 2);
  const [alice = '', bob = ''] = kit.users;
  const [order, other] = await kit.store([
    { user: alice, side: 'BUY', ticks: 9_000, lots: 1 },
    { user: bob, side: 'BUY', ticks: 9_000, lots: 1 },
  ]);
  const early = await kit.cancel(order!.orderId, alice);
  const foreign = await kit.cancel(other!.orderId, alice);
  const unknown = await kit.cancel('01900000-0000-7000-8000-000000000000', alice);
  await kit.redis.redis.xadd(stream, '*', commandField, '{"v":99}');
  await kit.redis.redis.xadd(stream, '*', 'other', 'x');
  await kit.send([order!, other!, order!, other!]);
  const late = await kit.cancel(order!.orderId, alice);
  kit.start();
  await kit.settled();
  t.is(await kit.outcome(early), 'CANCELLED');
  t.is(await kit.outcome(foreign), 'ORDER_NOT_FOUND');
  t.is(await kit.outcome(unknown), 'ORDER_NOT_FOUND');
  t.is(await kit.outcome(late), 'ORDER_NOT_OPEN');
  t.deepEqual(
    (await kit.orders([order!.orderId, other!.orderId])).map(({ status }) => status),
    ['CANCELLED', 'OPEN'],
  );
  await until(async () => (await kit.redis.redis.xlen(`${stream}.dlq`)) === 2);
  const [[, fields]] = (await kit.redis.redis.xrange(`${stream}.dlq`, '-', '+')) as [[string, string[]]];
  t.is(fields[fields.indexOf(commandField) + 1], '{"v":99}');
});

test('matcher: a cancel right behind the fill of an order from before its start, ORDER_NOT_OPEN', async (t) => {
  const kit = await prepare(t, 2);
  const [alice = '', bob = ''] = kit.users;
  const before = kit.start();
  const [sell] = await kit.place([{ user: alice, side: 'SELL', ticks: 10_000, lots: 1_000 }]);
  await kit.settled();
  await before.stop();
  await kit.place([{ user: bob, side: 'BUY', ticks: 10_000, lots: 1_000 }]);
  const late = await kit.cancel(sell!.orderId, alice);
  kit.start();
  await kit.settled();
  t.is(await kit.outcome(late), 'ORDER_NOT_OPEN');
});

test('matcher: a stop that waits, is cancelled with what it reserved; one triggered, is told so once', async (t) => {
  const kit = await prepare(t, 3);
  const [alice = '', bob = '', carol = ''] = kit.users;
  kit.start();
  const stop = { user: carol, side: 'BUY', orderType: 'STOP_LIMIT', stopTicks: 10_000, ticks: 9_900, lots: 5 } as const;
  const [cancelled, triggered] = await kit.place([stop, stop]);
  const command = await kit.cancel(cancelled!.orderId, carol);
  await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 1 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 1 },
  ]);
  await kit.settled();
  t.is(await kit.outcome(command), 'CANCELLED');
  const [first, second] = await kit.orders([cancelled!.orderId, triggered!.orderId]);
  t.like(first, { status: 'CANCELLED', reason: 'USER', triggered_at: null });
  t.is(second?.status, 'OPEN');
  t.true(second?.triggered_at instanceof Date);
  const told = await kit.database.db.many<{ told: unknown[] }>(
    `SELECT told FROM trading.journal, jsonb_array_elements(events -> 'o') AS told
      WHERE told ->> 0 = $1 ORDER BY batch`,
    [triggered!.orderId],
  );
  t.is(told.filter((row) => row.told[8] === true).length, 1);
  const [late] = await kit.place([stop]);
  await kit.settled();
  t.like((await kit.orders([late!.orderId]))[0], { status: 'REJECTED', reason: 'STOP_WOULD_TRIGGER' });
  await kit.place([{ user: alice, side: 'SELL', ticks: 9_900, lots: 2 }]);
  await kit.settled();
  await checkBooks(t, kit);
});

test('matcher: what never reached the stream, is swept in, orders before their cancels', async (t) => {
  const kit = await prepare(t, 1);
  const [alice = ''] = kit.users;
  const [lost, kept, stop] = await kit.store([
    { user: alice, side: 'BUY', ticks: 9_000, lots: 1 },
    { user: alice, side: 'BUY', ticks: 9_000, lots: 2 },
    { user: alice, side: 'SELL', orderType: 'STOP_LIMIT', stopTicks: 8_000, ticks: 7_900, lots: 2 },
  ]);
  const command = await kit.cancel(lost!.orderId, alice, false);
  kit.start({ sweepEveryMs: 100 });
  await kit.settled();
  t.is(await kit.outcome(command), 'CANCELLED');
  t.deepEqual(
    (await kit.orders([lost!.orderId, kept!.orderId, stop!.orderId])).map(({ status }) => status),
    ['CANCELLED', 'OPEN', 'OPEN'],
  );
  const places = 'SELECT symbol, stop_seq FROM trading.orders WHERE stop_seq IS NOT NULL';
  t.deepEqual(await kit.database.db.one(places), { symbol, stop_seq: '1' });
});

test('matcher: Redis was wiped, its stream is pushed past the committed id and work goes on', async (t) => {
  const kit = await prepare(t, 1);
  const { redis } = kit.redis;
  const first = kit.start();
  // An id from the future: after the wipe Redis would give smaller ones.
  const [order] = await kit.store([{ side: 'BUY', ticks: 9_000, lots: 1 }]);
  await redis.xadd(stream, '99999999999999-0', 'other', 'x');
  await kit.send([order!]).catch(() => undefined);
  await until(async () => (await redis.xlen(`${stream}.dlq`)) === 1);
  await first.stop();
  await redis.flushdb();
  kit.start();
  await until(async () => (await redis.xlen(stream)) > 0);
  const [next] = await kit.place([{ side: 'BUY', ticks: 9_000, lots: 1 }]);
  await kit.settled();
  t.is((await kit.orders([next!.orderId]))[0]!.status, 'OPEN');
});

test('matcher: committed batches, are published once in order with a reset first', async (t) => {
  const kit = await prepare(t, 2);
  const [alice = '', bob = ''] = kit.users;
  const { redis } = kit.redis;
  kit.start();
  await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 3 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 1 },
  ]);
  await kit.settled();
  const market = marketStream(symbol);
  await until(async () => (await redis.xlen('trade.events')) === 1 && (await redis.xlen(market)) >= 2);
  const entries = (await redis.xrange(market, '-', '+')).map(
    ([, fields]) => JSON.parse(fields[fields.indexOf(marketField) + 1]!) as Record<string, unknown>,
  );
  t.deepEqual(entries[0], { reset: 0 });
  const changes = entries.slice(1).flatMap((entry) => entry['changes'] as unknown[]);
  t.deepEqual(changes.at(-1), ['SELL', '100', '0.0002']);
  let expected = 1;
  for (const entry of entries.slice(1)) {
    t.is(entry['first_sequence'], expected);
    expected = (entry['last_sequence'] as number) + 1;
  }
});
