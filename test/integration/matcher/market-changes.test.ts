import test from 'ava';
import { commandField, type PlacedOrder, readCommand, writeCommand } from '../../../domain/trading/command.ts';
import type { MarketStatus } from '../../../domain/trading/market.ts';
import type { AddressedCommand } from '../../../services/trading/sender.ts';
import { checkBooks } from './books.ts';
import { openDesk } from './desk.ts';
import { type Kit, prepare } from './kit.ts';
import { stream, symbol } from './market.ts';

/** The places of orders in the journal, each with the market's status there. */
async function statusByOrder({ database: { db } }: Kit): Promise<ReadonlyMap<string, MarketStatus>> {
  const rows = await db.many<{ inputs: readonly object[] }>('SELECT inputs FROM trading.journal ORDER BY batch');
  const places = new Map<string, MarketStatus>();
  let status: MarketStatus = 'ACTIVE';
  for (const command of rows.flatMap(({ inputs }) => inputs).map((input) => readCommand(JSON.stringify(input)))) {
    if (command.kind === 'MARKET') ({ status } = command.limits);
    if (command.kind === 'PLACE') places.set(command.order.orderId, status);
  }
  return places;
}

const reserved = async ({ database: { db } }: Kit, ids: readonly string[]): Promise<number> => {
  const { left } = await db.one<{ left: number }>(
    `SELECT coalesce(sum(remaining), 0)::float8 AS left
       FROM ledger.reservations WHERE reservation_id = ANY ($1::uuid[])`,
    [ids],
  );
  return left;
};

const idsOf = (orders: readonly PlacedOrder[]): string[] => orders.map(({ orderId }) => orderId);

test('market changes: halted and resumed under load, no order gets in between and all of theirs is back', async (t) => {
  const kit = await prepare(t);
  const matcher = kit.start();
  const desk = openDesk(kit);
  const placed: PlacedOrder[] = [];
  let over = false;
  const load = async (): Promise<void> => {
    while (!over) {
      const wishes = Array.from({ length: 20 }, (_, index) => ({
        side: index % 2 === 0 ? ('BUY' as const) : ('SELL' as const),
        ticks: 10_000 + ((index * 7) % 5) - 2,
        lots: 1 + (index % 3),
      }));
      placed.push(...(await kit.place(wishes)));
    }
  };
  const loads = [load(), load()];
  const enough = async (count: number): Promise<void> => {
    const aim = placed.length + count;
    while (placed.length < aim) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await enough(200);
  t.true((await desk.become('HALTED')).isInForce);
  await enough(200);
  t.true((await desk.become('ACTIVE')).isInForce);
  await enough(200);
  over = true;
  await Promise.all(loads);
  await kit.settled();

  const places = await statusByOrder(kit);
  t.is(places.size, placed.length);
  const orders = new Map((await kit.orders(idsOf(placed))).map((order) => [order.order_id, order]));
  const refused = idsOf(placed).filter((id) => places.get(id) === 'HALTED');
  t.true(refused.length >= 100, `${refused.length} orders came while the market was halted`);
  for (const id of refused) t.like(orders.get(id), { status: 'REJECTED', reason: 'MARKET_NOT_ACTIVE' });
  t.is(await reserved(kit, refused), 0);
  t.is([...orders.values()].filter(({ status }) => status === 'REJECTED').length, refused.length);
  await matcher.stop();
  await checkBooks(t, kit);
});

test('market changes: halted, orders can still be cancelled', async (t) => {
  const kit = await prepare(t, 2);
  const [alice = '', bob = ''] = kit.users;
  const matcher = kit.start();
  await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 1 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 1 },
  ]);
  const [order] = await kit.place([{ user: alice, side: 'SELL', ticks: 10_000, lots: 2 }]);
  for (const status of ['HALTED', 'CANCEL_ONLY'] as const) await openDesk(kit).become(status);
  const command = await kit.cancel(order?.orderId ?? '', alice);
  await kit.settled();
  t.is(await kit.outcome(command), 'CANCELLED');
  await matcher.stop();
  await checkBooks(t, kit);
});

test('market changes: post-only and delisted, turn takers away and let everything go', async (t) => {
  const kit = await prepare(t, 2);
  const [alice = '', bob = ''] = kit.users;
  const matcher = kit.start();
  const desk = openDesk(kit);
  const open = await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 3 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 1 },
    { user: bob, side: 'BUY', ticks: 9_000, lots: 5 },
  ]);
  await desk.become('POST_ONLY');
  const taker = await kit.place([{ user: bob, side: 'BUY', ticks: 10_000, lots: 1 }]);
  await kit.settled();
  t.like((await kit.orders(idsOf(taker)))[0], { status: 'REJECTED', reason: 'MARKET_POST_ONLY' });
  await desk.become('DELISTED');
  const [ask, filled, bid] = await kit.orders(idsOf(open));
  t.like(ask, { status: 'CANCELLED', reason: 'DELISTED', filled_quantity: '0.0001' });
  t.is(filled?.status, 'FILLED');
  t.like(bid, { status: 'CANCELLED', reason: 'DELISTED' });
  t.is(await reserved(kit, idsOf([...taker, ...open.slice(2)])), 0);
  await t.throwsAsync(desk.become('ACTIVE'), { message: /does not come back/ });
  await matcher.stop();
  await checkBooks(t, kit);
});

test('market changes: the matcher was away, each order is judged by the rules of its place in line', async (t) => {
  const kit = await prepare(t, 2);
  const [alice = '', bob = ''] = kit.users;
  const desk = openDesk(kit);
  const before = await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 1 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 2 },
  ]);
  t.false((await desk.change({ status: 'HALTED' })).isInForce);
  const halted = await kit.place([{ user: alice, side: 'SELL', ticks: 10_000, lots: 1 }]);
  t.like(await desk.change({ status: 'ACTIVE', minQuantity: '0.0002' }), {
    isInForce: false,
    market: { version: 3, versionInForce: 1 },
  });
  const after = await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 1 },
    { user: alice, side: 'SELL', ticks: 11_000, lots: 2 },
  ]);
  const matcher = kit.start();
  await kit.settled();
  t.deepEqual(
    (await kit.orders(idsOf([...before, ...halted, ...after]))).map(({ status, reason }) => reason ?? status),
    ['FILLED', 'PARTIALLY_FILLED', 'MARKET_NOT_ACTIVE', 'INVALID_QUANTITY', 'OPEN'],
  );
  await matcher.stop();
  await checkBooks(t, kit);
  const again = kit.start();
  await kit.place([{ user: bob, side: 'BUY', ticks: 9_000, lots: 1 }]);
  await kit.settled();
  t.is(again.markets.get(symbol)?.version, 3);
  await again.stop();
  await checkBooks(t, kit);
});

test('market changes: nothing reaches the stream, the sweep takes them in', async (t) => {
  const kit = await prepare(t, 2);
  const [alice = '', bob = ''] = kit.users;
  const matcher = kit.start({ sweepEveryMs: 100 });
  await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 3 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 1 },
  ]);
  t.like(await openDesk(kit, async () => false).become('HALTED'), { isInForce: false });
  await kit.settled();
  const late = await kit.place([{ user: bob, side: 'BUY', ticks: 10_000, lots: 1 }]);
  await kit.settled();
  t.is((await kit.orders(idsOf(late)))[0]?.reason, 'MARKET_NOT_ACTIVE');
  await matcher.stop();
  await checkBooks(t, kit);
});

test('market changes: one overtakes the other, or comes twice, the newest stays in force', async (t) => {
  const kit = await prepare(t, 2);
  const [alice = '', bob = ''] = kit.users;
  const held: AddressedCommand[] = [];
  const desk = openDesk(kit, async (commands) => {
    held.push(...commands);
    return false;
  });
  await desk.become('HALTED');
  await desk.become('ACTIVE');
  const matcher = kit.start();
  for (const { command } of [...held.toReversed(), ...held]) {
    await kit.redis.redis.xadd(stream, '*', commandField, writeCommand(command));
  }
  const orders = await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 1 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 1 },
  ]);
  await kit.settled();
  t.deepEqual(
    (await kit.orders(idsOf(orders))).map(({ status }) => status),
    ['FILLED', 'FILLED'],
  );
  const outcomes = await kit.database.db.map<string>(
    'SELECT outcome FROM trading.commands',
    [],
    (row: { outcome: string }) => row.outcome,
  );
  t.deepEqual(outcomes, ['DONE', 'DONE']);
  await matcher.stop();
  await checkBooks(t, kit);
});
