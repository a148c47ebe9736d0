import test from 'ava';
import { commandField, writeCommand } from '../../../domain/trading/command.ts';
import { until } from '../../_support/until.ts';
import { amendNow, commitAmends, heldBy } from './amends.ts';
import { checkBooks } from './books.ts';
import { prepare } from './kit.ts';
import { newId, stream, symbol } from './market.ts';

test('amend: a resting buy to more at a higher price, has new terms, exact funds and its first terms', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = '', bob = ''] = kit.users;
  kit.start();
  const [buy] = await kit.place([{ user: alice, side: 'BUY', ticks: 10_000, lots: 10 }]);
  await kit.place([{ user: bob, side: 'SELL', ticks: 10_000, lots: 4 }]);
  await kit.settled();
  const amend = await kit.amend(buy!, { limitTicks: 11_000, lots: 12 });
  await kit.settled();
  t.deepEqual(await amendNow(db, amend), { outcome: 'AMENDED', remaining: '0', state: 'merged' });
  // 4 lots at 100.00 that nobody has settled yet, and 8 open ones at 110.00.
  const held = { status: 'PARTIALLY_FILLED', quantity: '0.0012', price: '110', filled: '0.0004' };
  t.like(await heldBy(db, buy!.orderId), { ...held, remaining: String((4 * 100 + 8 * 110) / 10_000), state: 'placed' });
  const row = await db.one<Record<string, unknown>>(
    `SELECT trim_scale(placed_quantity)::text AS quantity, trim_scale(placed_price)::text AS price, placed_stop_price,
            trim_scale(reserve_price)::text AS reserve_price, priority_seq
       FROM trading.orders WHERE order_id = $1`,
    [buy!.orderId],
  );
  t.deepEqual(row, {
    quantity: '0.001',
    price: '100',
    placed_stop_price: null,
    reserve_price: '110',
    priority_seq: '4',
  });
  const events = await db.many<{ told: unknown[] }>(
    `SELECT told FROM trading.journal, jsonb_array_elements(events -> 'o') AS told
      WHERE told ->> 0 = $1 ORDER BY batch`,
    [buy!.orderId],
  );
  t.deepEqual(events.at(-1)?.told.slice(8), [null, ['0.0012', '110', null, false]]);
  const told = await kit.redis.redis.xrange('order.events', '-', '+');
  t.true(told.some(([, fields]) => fields.some((field) => field.includes('"type":"order.amended"'))));
  await checkBooks(t, kit);
});

test('amend: less of a resting sell, keeps its place and releases the difference in that commit', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = '', bob = ''] = kit.users;
  kit.start();
  const wish = { side: 'SELL', ticks: 10_000, lots: 10 } as const;
  const [first, second] = await kit.place([
    { ...wish, user: alice },
    { ...wish, user: bob },
  ]);
  const amend = await kit.amend(first!, { lots: 3 });
  await kit.settled();
  t.deepEqual(await amendNow(db, amend), { outcome: 'AMENDED', remaining: null, state: null });
  t.like(await heldBy(db, first!.orderId), { quantity: '0.0003', remaining: '0.0003' });
  await kit.place([{ user: bob, side: 'BUY', ticks: 10_000, lots: 3 }]);
  await kit.settled();
  const [ahead, behind] = await kit.orders([first!.orderId, second!.orderId]);
  t.deepEqual([ahead?.status, behind?.status], ['FILLED', 'OPEN']);
  await checkBooks(t, kit);
});

test('amend: refused by the engine, leaves the row as it was and releases what was set aside for it', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = ''] = kit.users;
  kit.start();
  const [buy, stop] = await kit.place([
    { user: alice, side: 'BUY', ticks: 10_000, lots: 10 },
    { user: alice, side: 'BUY', orderType: 'STOP_LIMIT', stopTicks: 20_000, ticks: 20_000, lots: 10 },
  ]);
  await kit.place([
    { user: kit.users[1]!, side: 'SELL', ticks: 15_000, lots: 1 },
    { user: alice, side: 'BUY', ticks: 15_000, lots: 1 },
  ]);
  await kit.settled();
  const rows = () => db.many('SELECT * FROM trading.orders WHERE order_id IN ($1, $2)', [buy!.orderId, stop!.orderId]);
  const before = await rows();
  const changed = await kit.amend(buy!, { lots: 12, isStale: true });
  const triggers = await kit.amend(stop!, { stopTicks: 15_000, lots: 12 });
  const huge = await kit.amend(stop!, { lots: 10_000_001 });
  await kit.settled();
  const released = { remaining: '0', state: 'released' };
  t.deepEqual(await amendNow(db, changed), { outcome: 'ORDER_CHANGED', ...released });
  t.deepEqual(await amendNow(db, triggers), { outcome: 'STOP_WOULD_TRIGGER', ...released });
  t.deepEqual(await amendNow(db, huge), { outcome: 'INVALID_QUANTITY', ...released });
  t.deepEqual(await rows(), before);
  await checkBooks(t, kit);
});

test('amend: in a hostile order, is done once and gets its defined outcome', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = '', bob = ''] = kit.users;
  const [order, other, gone] = await kit.store([
    { user: alice, side: 'BUY', ticks: 9_000, lots: 5 },
    { user: bob, side: 'BUY', ticks: 9_000, lots: 5 },
    { user: alice, side: 'BUY', ticks: 9_000, lots: 5 },
  ]);
  const early = await kit.amend(order!, { lots: 7 });
  const text = writeCommand({ kind: 'AMEND', ...early });
  await kit.redis.redis.xadd(stream, '*', commandField, text);
  const foreign = await kit.amend(other!, { lots: 7 }, { user: alice });
  const unknown = await kit.amend({ ...order!, orderId: newId() }, { lots: 7 });
  const broken = await kit.amend(order!, { lots: 0, spare: 5 }, { sent: false });
  await kit.redis.redis.xadd(stream, '*', commandField, writeCommand({ kind: 'AMEND', ...broken }));
  await kit.cancel(gone!.orderId, alice);
  const late = await kit.amend(gone!, { lots: 7 });
  await kit.send([order!, other!, gone!]);
  await kit.redis.redis.xadd(stream, '*', commandField, text);
  kit.start();
  await kit.settled();
  t.deepEqual(await amendNow(db, early), { outcome: 'AMENDED', remaining: '0', state: 'merged' });
  const released = { remaining: '0', state: 'released' };
  t.deepEqual(await amendNow(db, foreign), { outcome: 'ORDER_NOT_FOUND', ...released });
  t.deepEqual(await amendNow(db, unknown), { outcome: 'ORDER_NOT_FOUND', ...released });
  t.deepEqual(await amendNow(db, late), { outcome: 'ORDER_NOT_OPEN', ...released });
  t.deepEqual(await amendNow(db, broken), { outcome: 'FAULTED', ...released });
  t.like(await heldBy(db, order!.orderId), { status: 'OPEN', quantity: '0.0007', remaining: '0.063' });
  // Every entry was taken in, the last of them the repeat.
  await until(async () => (await kit.redis.redis.xlen(stream)) <= 1);
  t.like(await heldBy(db, order!.orderId), { version: '2', quantity: '0.0007' });
});

test('amend: twice after a restart, is done once', async (t) => {
  const kit = await prepare(t, 1);
  const { db } = kit.database;
  const first = kit.start();
  const [order] = await kit.place([{ side: 'BUY', ticks: 9_000, lots: 5 }]);
  const raise = await kit.amend(order!, { lots: 7 });
  const back = await kit.amend(order!, { lots: 5 }, { from: raise.to });
  await kit.settled();
  await first.stop();
  kit.start();
  await kit.redis.redis.xadd(stream, '*', commandField, writeCommand({ kind: 'AMEND', ...raise }));
  const [marker] = await kit.place([{ side: 'BUY', ticks: 9_000, lots: 1 }]);
  await kit.settled();
  t.is((await kit.orders([marker!.orderId]))[0]?.status, 'OPEN');
  t.is((await amendNow(db, back)).outcome, 'AMENDED');
  t.like(await heldBy(db, order!.orderId), { quantity: '0.0005', remaining: '0.045' });
});

test('amend: never reached the stream, is swept in after its order', async (t) => {
  const kit = await prepare(t, 1);
  const [order] = await kit.store([{ side: 'BUY', ticks: 9_000, lots: 5 }]);
  const amend = await kit.amend(order!, { limitTicks: 9_100, lots: 6 }, { sent: false });
  kit.start({ sweepEveryMs: 100 });
  await kit.settled();
  t.deepEqual(await amendNow(kit.database.db, amend), { outcome: 'AMENDED', remaining: '0', state: 'merged' });
  t.like(await heldBy(kit.database.db, order!.orderId), { price: '91', remaining: '0.0546' });
});

test('amend: a stop that waits, is stored with its new prices and place, and recovered', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const first = kit.start();
  const [alice = '', bob = ''] = kit.users;
  const stop = { user: alice, side: 'BUY', orderType: 'STOP', stopTicks: 10_000, ticks: 10_500, lots: 5 } as const;
  const [order] = await kit.place([stop, { ...stop, user: bob }]);
  await kit.amend(order!, { stopTicks: 12_000, limitTicks: 12_600 });
  await kit.settled();
  const columns = `trim_scale(stop_price)::text AS stop, trim_scale(protection_price)::text AS protection, price,
                   trim_scale(reserve_price)::text AS reserve, trim_scale(placed_stop_price)::text AS placed, stop_seq`;
  t.deepEqual(await db.one(`SELECT ${columns} FROM trading.orders WHERE order_id = $1`, [order!.orderId]), {
    stop: '120',
    protection: '126',
    price: null,
    reserve: '126',
    placed: '100',
    stop_seq: '3',
  });
  await first.stop();
  kit.start();
  await kit.place([
    { user: alice, side: 'SELL', ticks: 11_000, lots: 5 },
    { user: bob, side: 'BUY', ticks: 11_000, lots: 5 },
  ]);
  await kit.settled();
  t.is((await kit.orders([order!.orderId]))[0]?.status, 'OPEN');
  t.is(
    (await db.one<{ epoch: string }>('SELECT epoch FROM trading.market_state WHERE symbol = $1', [symbol])).epoch,
    '2',
  );
  await checkBooks(t, kit);
});

test('amend: at random among crossing orders and each other, what is reserved is exact to the end', async (t) => {
  const kit = await prepare(t, 4);
  const { db } = kit.database;
  kit.start();
  const random = (below: number) => Math.floor(Math.random() * below);
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 12; round += 1) {
    const orders = await kit.place(
      Array.from({ length: 30 }, () => ({
        side: random(2) === 0 ? ('BUY' as const) : ('SELL' as const),
        ticks: 10_000 + random(20) - 10,
        lots: 1 + random(20),
      })),
    );
    // Two amends an order: one of each sees an order that is not so any more.
    const amends = orders.flatMap((order) => [0, 1].map(() => ({ order, lots: 1 + random(25), ticks: random(3) })));
    const sent = await Promise.all(
      amends.map(({ order, lots, ticks }) =>
        kit.amend(order, { lots, ...(ticks === 0 ? {} : { limitTicks: 9_990 + random(20) }) }),
      ),
    );
    await Promise.all(orders.slice(0, 5).map(({ orderId, userId }) => kit.cancel(orderId, userId)));
    await kit.settled();
    for (const each of sent) {
      const { outcome, remaining } = await amendNow(db, each);
      outcomes.set(String(outcome), (outcomes.get(String(outcome)) ?? 0) + 1);
      t.true(remaining === null || remaining === '0');
    }
  }
  t.true((outcomes.get('AMENDED') ?? 0) > 50, JSON.stringify([...outcomes]));
  t.true((outcomes.get('INVALID_QUANTITY') ?? 0) > 0 && (outcomes.get('ORDER_NOT_OPEN') ?? 0) > 0);
  await checkBooks(t, kit);
});

test('amends: several at once for one balance, those with funds are kept and the others leave nothing', async (t) => {
  const kit = await prepare(t, 1);
  const { db } = kit.database;
  const [order] = await kit.store([{ side: 'BUY', ticks: 100_000_000, lots: 9_000_000 }]);
  const ask = (funds: number) => ({
    commandId: newId(),
    orderId: order!.orderId,
    userId: order!.userId,
    side: 'BUY' as const,
    from: order!,
    to: order!,
    postOnly: false,
    selfTradePrevention: 'EXPIRE_TAKER' as const,
    funds,
    stepsVersion: 1,
  });
  const amends = [ask(60_000_000_000_000), ask(60_000_000_000_000), ask(40_000_000_000_000), ask(0)];
  await commitAmends(db, amends);
  const kept = await db.map(
    'SELECT command_id FROM trading.commands',
    [],
    (row: { command_id: string }) => row.command_id,
  );
  t.deepEqual(new Set(kept), new Set([amends[0], amends[2], amends[3]].map((each) => each!.commandId)));
  const { reserved } = await db.one<{ reserved: string }>(
    `SELECT trim_scale(balance)::text AS reserved FROM ledger.accounts WHERE kind = 'reserved' AND asset = 'USDT'`,
  );
  t.is(reserved, '1000000000');
});

test('merge: of reservations that do not match, is refused and nothing moves', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = '', bob = ''] = kit.users;
  const [own, other, sell] = await kit.store([
    { user: alice, side: 'BUY', ticks: 9_000, lots: 5 },
    { user: bob, side: 'BUY', ticks: 9_000, lots: 5 },
    { user: alice, side: 'SELL', ticks: 9_000, lots: 5 },
  ]);
  const amend = await kit.amend(own!, { lots: 7 });
  const before = await db.many('SELECT * FROM ledger.reservations ORDER BY reservation_id');
  for (const into of [other!.orderId, sell!.orderId, newId()]) {
    const merge = db.any(`SELECT ledger.merge(ARRAY[$1]::uuid[], ARRAY[$2]::uuid[], '{}')`, [amend.commandId, into]);
    await t.throwsAsync(merge, { message: /no such reservations of one user/ });
  }
  t.deepEqual(await db.many('SELECT * FROM ledger.reservations ORDER BY reservation_id'), before);
});
