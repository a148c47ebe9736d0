import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { commandField, type PlacedOrder, readCommand, writeCommand } from '../../../domain/trading/command.ts';
import { rescaledOrder } from '../../../matcher/engine/rescale.ts';
import type { TermsChange } from '../../../services/trading/market-desk.ts';
import { checkBooks } from './books.ts';
import { openDesk } from './desk.ts';
import { type Kit, prepare } from './kit.ts';
import { stream, symbol } from './market.ts';
import { spawnMatcher } from './matcher-process.ts';
import type { Wish } from './wishes.ts';

const finer = { tickSize: '0.001', lotSize: '0.00005', minQuantity: '0.00005' };
const by = { ticks: 10, lots: 2 };

/** A market whose quote asset has room for finer steps. */
async function prepareRoom(t: ExecutionContext, userCount = 2): Promise<Kit> {
  const kit = await prepare(t, userCount);
  await kit.database.db.none("UPDATE ledger.assets SET scale = 12 WHERE asset = 'USDT'");
  await kit.database.db.none('UPDATE trading.markets SET max_quantity = 100');
  return kit;
}

/** Orders as a door that knows the new steps places them; ticks and lots may be fractions of the old ones. */
async function placeFiner(kit: Kit, stepsVersion: number, wishes: readonly Wish[]): Promise<readonly PlacedOrder[]> {
  const orders = (await kit.store(wishes)).map((order) => ({ ...rescaledOrder(order, by), stepsVersion }));
  await kit.send(orders);
  return orders;
}

/** Halted, in finer steps, and active again; answers the version that brought them. */
async function rescale(t: ExecutionContext, kit: Kit): Promise<number> {
  const desk = openDesk(kit);
  t.true((await desk.become('HALTED')).isInForce);
  const { market, isInForce } = await desk.change(finer);
  t.true(isInForce);
  t.like(market, { stepsVersion: market.version, versionInForce: market.version, terms: finer });
  t.true((await desk.become('ACTIVE')).isInForce);
  return market.version;
}

const trades = ({ database: { db } }: Kit) =>
  db.any<{ price: string; quantity: string }>(
    `SELECT trim_scale(price)::text AS price, trim_scale(quantity)::text AS quantity
       FROM trading.trades ORDER BY trade_seq`,
  );

const statuses = async (kit: Kit, orders: readonly PlacedOrder[]) =>
  (await kit.orders(orders.map(({ orderId }) => orderId))).map(({ status, reason }) => reason ?? status);

test('rescale: orders, stops and what is on its way, trade on in finer steps, also after a restart', async (t) => {
  const kit = await prepareRoom(t);
  const [alice = '', bob = ''] = kit.users;
  const matcher = kit.start();
  const [ask, , bid] = await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 5 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 1 },
    { user: bob, side: 'BUY', ticks: 9_900, lots: 4 },
    { user: bob, side: 'BUY', ticks: 10_300, lots: 2, orderType: 'STOP_LIMIT', stopTicks: 10_200 },
  ]);
  // A budget that is no whole ticks × lots: what is beyond is not reserved, in no steps.
  const [spender] = await kit.store([
    { user: bob, side: 'BUY', ticks: 10_500, lots: 0, budget: 20_000, orderType: 'STOP', stopTicks: 10_200 },
  ]);
  await kit.database.db.none(
    'UPDATE trading.orders SET quote_quantity = quote_quantity + 0.0000005 WHERE order_id = $1',
    [spender?.orderId],
  );
  await kit.send([spender!]);
  const [late] = await kit.store([{ user: alice, side: 'SELL', ticks: 10_200, lots: 8 }]);
  const amend = await kit.amend(bid!, { lots: 3, limitTicks: 9_950 }, { sent: false });
  await kit.settled(500).catch(() => undefined);

  const version = await rescale(t, kit);
  t.is(matcher.markets.get(symbol)?.steps.version, version);
  await kit.send([late!]);
  await kit.redis.redis.xadd(stream, '*', commandField, writeCommand({ kind: 'AMEND', ...amend }));
  await kit.settled();
  t.like(await kit.database.db.one('SELECT * FROM trading.orders WHERE order_id = $1', [bid?.orderId]), {
    price: '99.500000000000000000',
    quantity: '0.000300000000000000',
  });
  const fine = await placeFiner(kit, version, [
    { user: bob, side: 'BUY', ticks: 9_999.5, lots: 0.5 },
    { user: bob, side: 'BUY', ticks: 10_000.1, lots: 4.5 },
    { user: bob, side: 'BUY', ticks: 10_200, lots: 1 },
  ]);
  await kit.settled();
  t.deepEqual(await statuses(kit, [ask!, late!, ...fine]), [
    'FILLED',
    'PARTIALLY_FILLED',
    'OPEN',
    'PARTIALLY_FILLED',
    'FILLED',
  ]);
  t.deepEqual(
    (await trades(kit)).map(({ price, quantity }) => `${quantity}@${price}`),
    ['0.0001@100', '0.0004@100', '0.0001@102', '0.0002@102', '0.00015@102'],
  );
  await matcher.stop();
  await checkBooks(t, kit);

  const again = kit.start();
  await placeFiner(kit, version, [{ user: alice, side: 'SELL', ticks: 9_999.5, lots: 1 }]);
  await kit.settled();
  t.is((await trades(kit)).length, 7);
  await again.stop();
  await checkBooks(t, kit);
});

test('rescale: read in one go with what stands before and behind it, begins a batch', async (t) => {
  const kit = await prepareRoom(t);
  const [alice = '', bob = ''] = kit.users;
  const matcher = kit.start();
  const orders = await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 2 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 1 },
    { user: bob, side: 'BUY', ticks: 9_000, lots: 1 },
    { user: bob, side: 'BUY', ticks: 9_000, lots: 3 },
  ]);
  await openDesk(kit).become('HALTED');
  await matcher.stop();
  await kit.cancel(orders[2]!.orderId, bob);
  t.false((await openDesk(kit).change(finer)).isInForce);
  const twice = await t.throwsAsync(openDesk(kit).become('ACTIVE'));
  t.like(twice, { code: 'MARKET_RESCALING' });
  await kit.cancel(orders[3]!.orderId, bob);
  const again = kit.start();
  await kit.settled();
  t.deepEqual(await statuses(kit, orders), ['PARTIALLY_FILLED', 'FILLED', 'USER', 'USER']);
  const rows = await kit.database.db.many<{ inputs: object[] }>('SELECT inputs FROM trading.journal ORDER BY batch');
  const kinds = rows.map(({ inputs }) => inputs.map((input) => readCommand(JSON.stringify(input)).kind));
  t.deepEqual(kinds.slice(-2), [['CANCEL'], ['MARKET', 'CANCEL']]);
  await again.stop();
  await checkBooks(t, kit);
});

test('rescale: the matcher is killed with new steps on their way, takes them in when it is back', async (t) => {
  const kit = await prepareRoom(t, 4);
  const first = spawnMatcher(t, kit);
  const wishes = Array.from({ length: 200 }, (_, index): Wish => {
    const side = index % 2 === 0 ? 'BUY' : 'SELL';
    const wish = { side, ticks: 10_000 + ((index * 37) % 21) - 10, lots: 1 + (index % 7) } as const;
    const beyond = side === 'BUY' ? 10_050 : 9_950;
    return index % 9 === 0 ? { ...wish, orderType: 'STOP_LIMIT', stopTicks: beyond } : wish;
  });
  await kit.place(wishes);
  await kit.settled();
  await openDesk(kit).become('HALTED');
  await kit.settled();
  first.kill('SIGKILL');
  await once(first, 'exit');
  t.false((await openDesk(kit).change(finer)).isInForce);
  spawnMatcher(t, kit);
  await kit.settled();
  t.true((await openDesk(kit).become('ACTIVE')).isInForce);
  const version = 3;
  await placeFiner(
    kit,
    version,
    wishes.slice(0, 60).map((wish) => ({ ...wish, ticks: wish.ticks + 0.1, lots: wish.lots + 0.5 })),
  );
  await kit.settled();
  await checkBooks(t, kit);
});

test('rescale: that cannot be, is refused with the step that is to blame', async (t) => {
  const kit = await prepareRoom(t);
  const [alice = '', bob = ''] = kit.users;
  const desk = openDesk(kit);
  const refused = async (rules: TermsChange, code: string, ...pointers: string[]) => {
    const error = await t.throwsAsync(openDesk(kit).change(rules));
    t.like(error, { code, details: { errors: pointers.map((pointer) => ({ pointer })) } });
  };
  await refused(finer, 'MARKET_STEP_FIXED', '/tick_size', '/lot_size');
  await desk.become('HALTED');
  await refused({ tickSize: '0.005' }, 'MARKET_STEP_FIXED', '/tick_size');
  const matcher = kit.start();
  await kit.settled();
  await refused({ ...finer, status: 'ACTIVE' }, 'MARKET_STEP_FIXED', '/tick_size', '/lot_size');
  await refused({ tickSize: '0.003', lotSize: '0.001' }, 'INVALID_REQUEST', '/tick_size', '/lot_size');
  await refused({ tickSize: '0.00001' }, 'INVALID_REQUEST', '/max_quantity');
  await kit.database.db.none("UPDATE ledger.assets SET scale = 6 WHERE asset = 'USDT'");
  await refused({ tickSize: '0.005' }, 'INVALID_REQUEST', '/lot_size');
  await kit.database.db.none("UPDATE ledger.assets SET scale = 12 WHERE asset = 'USDT'");

  await desk.become('ACTIVE');
  const orders = await kit.place([
    { user: bob, side: 'BUY', ticks: 90_000_000, lots: 90_000 },
    { user: alice, side: 'SELL', ticks: 90_000_000, lots: 1 },
  ]);
  await kit.settled();
  await desk.become('HALTED');
  const low = { ...finer, tickSize: '0.0001', lotSize: '0.000001', maxPrice: '1000', maxQuantity: '1' };
  await refused(low, 'INVALID_REQUEST', '/tick_size', '/lot_size');
  await kit.cancel(orders[0]!.orderId, bob);
  await kit.settled();
  t.true((await desk.change(low)).isInForce);
  await matcher.stop();
  await checkBooks(t, kit);
});
