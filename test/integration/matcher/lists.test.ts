import test from 'ava';
import type { DomainError } from '../../../domain/errors.ts';
import { commandField, writeCommand } from '../../../domain/trading/command.ts';
import { postTrades } from '../../../storage/ledger/posting.ts';
import { findOrders } from '../../../storage/trading/matching-lookups.ts';
import { listTradesAfter } from '../../../storage/trading/matching-trades.ts';
import { createRandom } from '../../../bench/_support/random.ts';
import { checkBooks } from './books.ts';
import { prepare } from './kit.ts';
import { buying, listNow, openTrading, placeList, placeUnheard, selling } from './lists.ts';
import { newId, stream, symbol } from './market.ts';

test('list: placed, has both orders open and reserves the quantity once', async (t) => {
  const kit = await prepare(t, 2);
  kit.start();
  const list = await placeList(openTrading(kit), kit.users[0]!, selling);
  await kit.settled();
  t.deepEqual(await listNow(kit.database.db, list), ['LIMIT OPEN 0', 'STOP OPEN 0', 'placed 0.001 of 0.001']);
});

test('list: part of its limit order filled, ends the stop, and what is reserved is spent or comes back', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = '', bob = ''] = kit.users;
  kit.start();
  const trading = openTrading(kit);
  const list = await placeList(trading, alice, buying);
  await kit.settled();
  t.deepEqual(await listNow(db, list), ['LIMIT OPEN 0', 'STOP_LIMIT OPEN 0', 'placed 0.112 of 0.112']);
  await kit.place([{ user: bob, side: 'SELL', ticks: 8_000, lots: 4 }]);
  await kit.settled();
  const ended = 'STOP_LIMIT CANCELLED OCO_OTHER_LEG 0';
  // What the stop needed more is back; the fill is not settled yet.
  t.deepEqual(await listNow(db, list), ['LIMIT PARTIALLY_FILLED 0.0004', ended, 'placed 0.08 of 0.112']);
  await checkBooks(t, kit);
  await postTrades(db, symbol, await listTradesAfter(db, symbol, 0, 10), new Date());
  t.deepEqual((await listNow(db, list))[2], 'placed 0.048 of 0.112');
  const { isDone } = await trading.orderLists.cancel(alice, list.orderListId);
  t.true(isDone);
  t.deepEqual(await listNow(db, list), ['LIMIT CANCELLED USER 0.0004', ended, 'released 0 of 0.112']);
  const told = (await kit.redis.redis.xrange('order.events', '-', '+')).flatMap(([, fields]) => fields);
  t.true(told.filter((field) => field.includes(`"order_list_id":"${list.orderListId}"`)).length >= 4);
});

test('list: its stop price comes, ends the limit order and trades as the stop, also after a restart', async (t) => {
  const kit = await prepare(t, 3);
  const { db } = kit.database;
  const [alice = '', bob = '', carol = ''] = kit.users;
  const first = kit.start();
  const list = await placeList(openTrading(kit), alice, selling);
  await kit.place([{ user: bob, side: 'BUY', ticks: 9_000, lots: 8 }]);
  await kit.settled();
  await first.stop();
  kit.start();
  await kit.place([{ user: carol, side: 'SELL', ticks: 9_000, lots: 1 }]);
  await kit.settled();
  t.deepEqual(await listNow(db, list), [
    'LIMIT CANCELLED OCO_OTHER_LEG 0',
    'STOP CANCELLED MARKET_REMAINDER 0.0007',
    'placed 0.0007 of 0.001',
  ]);
  await checkBooks(t, kit);
});

test('list: cancelled while its stop is being triggered, no leg is left', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = '', bob = ''] = kit.users;
  const first = kit.start();
  const trading = openTrading(kit);
  const list = await placeList(trading, alice, buying);
  await kit.settled();
  await first.stop();
  await kit.place([
    { user: bob, side: 'SELL', ticks: 11_000, lots: 1 },
    { user: alice, side: 'BUY', ticks: 11_000, lots: 1 },
  ]);
  const { isDone } = await trading.orderLists.cancel(alice, list.orderListId);
  t.false(isDone, 'nobody matches, and the cancel is promised');
  kit.start();
  await kit.settled();
  t.deepEqual(await listNow(db, list), [
    'LIMIT CANCELLED OCO_OTHER_LEG 0',
    'STOP_LIMIT CANCELLED USER 0',
    'released 0 of 0.112',
  ]);
  await checkBooks(t, kit);
});

test('list: lost on its way to the stream, is swept in whole, also for a cancel of one leg', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = '', bob = ''] = kit.users;
  const lost = await placeUnheard(kit, alice, selling);
  const cancelled = await placeUnheard(kit, alice, buying);
  await kit.cancel(cancelled.orders[1].orderId, alice);
  kit.start();
  await kit.settled();
  t.deepEqual(await listNow(db, lost), ['LIMIT OPEN 0', 'STOP OPEN 0', 'placed 0.001 of 0.001']);
  t.deepEqual(await listNow(db, cancelled), [
    'LIMIT CANCELLED OCO_OTHER_LEG 0',
    'STOP_LIMIT CANCELLED USER 0',
    'released 0 of 0.112',
  ]);
  await kit.place([{ user: bob, side: 'BUY', ticks: 12_000, lots: 10 }]);
  await kit.settled();
  t.deepEqual(await listNow(db, lost), [
    'LIMIT FILLED 0.001',
    'STOP CANCELLED OCO_OTHER_LEG 0',
    'placed 0.001 of 0.001',
  ]);
  await checkBooks(t, kit);
});

test('list: in the stream twice comes in once, with other numbers is rejected and released', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = '', bob = ''] = kit.users;
  const broken = await placeUnheard(kit, alice, selling);
  const ids = broken.orders.map(({ orderId }) => orderId);
  const legs = await findOrders(db, ids);
  const [limit, stop] = ids.map((id) => legs.find(({ orderId }) => orderId === id)!);
  const send = (command: Parameters<typeof writeCommand>[0]) =>
    kit.redis.redis.xadd(stream, '*', commandField, writeCommand(command));
  const { orderListId } = broken;
  await send({ kind: 'PLACE_LIST', orderListId, limit: { ...limit!, lots: 3 }, stop: stop! });
  kit.start();
  await kit.settled();
  t.deepEqual(await listNow(db, broken), [
    'LIMIT REJECTED FAULTED 0',
    'STOP REJECTED FAULTED 0',
    'released 0 of 0.001',
  ]);
  const twice = await placeList(openTrading(kit), alice, selling);
  const [entry] = await kit.redis.redis.xrevrange(stream, '+', '-', 'COUNT', 1);
  if (entry !== undefined) await kit.redis.redis.xadd(stream, '*', ...(entry[1] as [string, string]));
  await kit.place([{ user: bob, side: 'BUY', ticks: 12_000, lots: 10 }]);
  await kit.settled();
  t.deepEqual((await listNow(db, twice))[0], 'LIMIT FILLED 0.001');
});

test('lists: many among other orders of a moving market, leave books that are right to the last atom', async (t) => {
  const kit = await prepare(t, 6);
  const { db } = kit.database;
  kit.start();
  const trading = openTrading(kit);
  const random = createRandom(7);
  const pick = random.below;
  const user = () => kit.users[pick(kit.users.length)]!;
  await kit.place([
    { user: kit.users[0]!, side: 'SELL', ticks: 10_000, lots: 1 },
    { user: kit.users[1]!, side: 'BUY', ticks: 10_000, lots: 1 },
  ]);
  let lists = 0;
  for (let round = 0; round < 25; round += 1) {
    const wished = Array.from({ length: 12 }, async () => {
      const request = pick(2) === 0 ? selling : buying;
      const quantity = `0.00${String(10 + pick(40))}`;
      const prices = (by: number) => (request === selling ? [100 + by, 100 - by] : [100 - by, 100 + by]);
      const [price, stopPrice] = prices(1 + pick(4)).map(String) as [string, string];
      const stop =
        pick(2) === 0 ? { orderType: 'STOP' as const } : { orderType: 'STOP_LIMIT' as const, price: stopPrice };
      const orders = [
        { orderType: 'LIMIT', price },
        { ...stop, stopPrice },
      ] as const;
      // Refused where the market has gone beyond it meanwhile.
      const list = await placeList(trading, user(), { ...request, quantity, orders }).catch(() => undefined);
      if (list === undefined) return;
      lists += 1;
      if (pick(4) === 0)
        await trading.orderLists.cancel(list.orders[0].userId, list.orderListId).catch(() => undefined);
    });
    await kit.place(
      Array.from({ length: 6 }, () => ({
        user: user(),
        side: pick(2) === 0 ? ('BUY' as const) : ('SELL' as const),
        ticks: 9_500 + pick(1_000),
        lots: 1 + pick(60),
        selfTradePrevention: (['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'] as const)[pick(4)]!,
      })),
    );
    await Promise.all(wished);
  }
  await kit.settled();
  const ends = await db.many<{ status: string; reason: string | null }>(
    'SELECT DISTINCT status, reason FROM trading.orders WHERE order_list_id IS NOT NULL',
  );
  t.true(
    lists > 50 && ends.some(({ reason }) => reason === 'OCO_OTHER_LEG') && ends.some((e) => e.status === 'FILLED'),
  );
  const both = await db.any(
    `SELECT order_list_id FROM trading.orders WHERE filled_quantity > 0 GROUP BY order_list_id
      HAVING order_list_id IS NOT NULL AND count(*) > 1`,
  );
  t.deepEqual(both, []);
  await checkBooks(t, kit);
  t.is(
    await trading.orderLists.find(kit.users[0]!, newId()).catch((error: unknown) => (error as DomainError).code),
    'ORDER_NOT_FOUND',
  );
});
