import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { until } from '../../_support/until.ts';
import { checkBooks } from './books.ts';
import { type Kit, prepare } from './kit.ts';
import { symbol } from './market.ts';
import { spawnMatcher } from './matcher-process.ts';
import type { Wish } from './wishes.ts';

/** Numbers that follow from a seed (mulberry32), so that a failing run can be repeated. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const wishes = (random: (below: number) => number, count: number): Wish[] =>
  Array.from({ length: count }, () => {
    const side = random(2) === 0 ? 'BUY' : 'SELL';
    const order = { side, ticks: 9_950 + random(100), lots: 1 + random(50) } as const;
    const kind = random(10);
    if (kind > 1) return order;
    if (kind === 1) return { ...order, orderType: 'MARKET' };
    // Beyond the market, for it to come to.
    const stopTicks = 10_000 + (side === 'BUY' ? 1 : -1) * random(60);
    if (side === 'BUY' && random(3) === 0) {
      return { ...order, orderType: 'STOP', stopTicks, lots: 0, budget: 10_000 * order.lots };
    }
    return { ...order, orderType: random(2) === 0 ? 'STOP' : 'STOP_LIMIT', stopTicks };
  });

/** Orders and cancels of them, until told to end. Answers how many orders were acknowledged. */
async function load(kit: Kit, seed: number, ended: () => boolean): Promise<number> {
  const random = createRandom(seed);
  let placed = 0;
  while (!ended()) {
    const orders = await kit.place(wishes(random, 20));
    placed += orders.length;
    for (const order of orders) {
      if (random(5) === 0) await kit.cancel(order.orderId, order.userId);
    }
    await sleep(10);
  }
  return placed;
}

const epochNow = async ({ database: { db } }: Kit): Promise<number> => {
  const row = await db.one<{ epoch: string }>('SELECT epoch FROM trading.market_state WHERE symbol = $1', [symbol]);
  return Number(row.epoch);
};

for (const seed of [1, 2, 3]) {
  test.serial(`matcher: killed at random moments under load (seed ${seed}), nothing is lost or doubled`, async (t) => {
    const kit = await prepare(t);
    const random = createRandom(seed * 1_000);
    let matcher = spawnMatcher(t, kit);
    let over = false;
    const loading = load(kit, seed, () => over);
    for (let round = 1; round <= 2; round += 1) {
      await until(async () => (await epochNow(kit)) >= round, 20_000);
      await sleep(200 + random(800));
      matcher.kill('SIGKILL');
      await once(matcher, 'exit');
      // The dead one's lease need not run out in a test.
      await kit.database.db.none("UPDATE trading.market_state SET lease_until = '-infinity'");
      matcher = spawnMatcher(t, kit);
    }
    await until(async () => (await epochNow(kit)) === 3, 20_000);
    await sleep(300);
    over = true;
    t.true((await loading) > 0);
    await kit.settled(30_000);
    matcher.kill('SIGTERM');
    const [code] = (await once(matcher, 'exit')) as [number | null];
    t.is(code, 0);
    await checkBooks(t, kit);
  });
}

test.serial('matcher: killed while a stop waits, fires it once when the trade comes after the restart', async (t) => {
  const kit = await prepare(t, 4);
  const [alice = '', bob = '', carol = '', dave = ''] = kit.users;
  let matcher = spawnMatcher(t, kit);
  const [stop, late, gone] = await kit.place([
    { user: carol, side: 'BUY', orderType: 'STOP', stopTicks: 10_100, ticks: 10_600, lots: 3 },
    { user: carol, side: 'SELL', orderType: 'STOP_LIMIT', stopTicks: 9_000, ticks: 8_900, lots: 3 },
    { user: dave, side: 'BUY', orderType: 'STOP', stopTicks: 10_100, ticks: 10_600, lots: 0, budget: 50_000 },
  ]);
  await kit.settled();
  t.like((await kit.orders([stop!.orderId]))[0], { status: 'OPEN', triggered_at: null });
  matcher.kill('SIGKILL');
  await once(matcher, 'exit');
  await kit.database.db.none("UPDATE trading.market_state SET lease_until = '-infinity'");
  await kit.place([
    { user: alice, side: 'SELL', ticks: 10_100, lots: 1 },
    { user: alice, side: 'SELL', ticks: 10_200, lots: 5 },
  ]);
  const cancel = await kit.cancel(gone!.orderId, dave);
  await kit.place([{ user: bob, side: 'BUY', ticks: 10_100, lots: 1 }]);
  matcher = spawnMatcher(t, kit);
  await kit.settled();
  const [fired, waiting] = await kit.orders([stop!.orderId, late!.orderId]);
  t.like(fired, { status: 'FILLED', filled_quantity: '0.0003' });
  t.true(fired?.triggered_at instanceof Date);
  t.like(waiting, { status: 'OPEN', triggered_at: null });
  t.is(await kit.outcome(cancel), 'CANCELLED');
  matcher.kill('SIGTERM');
  await once(matcher, 'exit');
  const trades = await kit.database.db.many('SELECT trade_seq FROM trading.trades WHERE buyer_order_id = $1', [
    stop!.orderId,
  ]);
  t.is(trades.length, 1);
  await checkBooks(t, kit);
});

test.serial(
  'matcher: the leader is frozen and comes back, the standby has taken over and the old one ends',
  async (t) => {
    const kit = await prepare(t);
    const leader = spawnMatcher(t, kit);
    await until(async () => (await epochNow(kit)) === 1, 20_000);
    const standby = spawnMatcher(t, kit);
    let over = false;
    const loading = load(kit, 7, () => over);
    await sleep(2_000);
    t.is(await epochNow(kit), 1, 'the standby leaves a live leader alone');
    const frozen = performance.now();
    leader.kill('SIGSTOP');
    await until(async () => (await epochNow(kit)) === 2, 20_000);
    t.true(performance.now() - frozen < 10_000, 'within 10 s');
    await sleep(1_000);
    leader.kill('SIGCONT');
    const [code] = (await once(leader, 'exit')) as [number | null];
    t.is(code, 1);
    over = true;
    await loading;
    await kit.settled(30_000);
    standby.kill('SIGTERM');
    await once(standby, 'exit');
    const epochs = await kit.database.db.many<{ epoch: string; first: string; last: string }>(
      'SELECT epoch, min(batch) AS first, max(batch) AS last FROM trading.journal GROUP BY epoch ORDER BY epoch',
    );
    t.is(epochs.length, 2);
    t.is(Number(epochs[1]!.first), Number(epochs[0]!.last) + 1, 'no batch of the old epoch follows one of the new');
    await checkBooks(t, kit);
  },
);
