import { once } from 'node:events';
import test from 'ava';
import { commandField, type TradingCommand, writeCommand } from '../../../domain/trading/command.ts';
import { until } from '../../_support/until.ts';
import { checkBooks } from './books.ts';
import { openDesk } from './desk.ts';
import { type Kit, prepare } from './kit.ts';
import { newId, stream, symbol } from './market.ts';
import { spawnMatcher } from './matcher-process.ts';
import type { Wish } from './wishes.ts';

const dayEnd = Date.now() + 3_600_000;

/** Bids of a user at many prices, that end with a day; else every seventh waits as a stop. */
const bids = (user: string, count: number, expiresAt?: number): Wish[] =>
  Array.from({ length: count }, (_, index): Wish => {
    const wish = { user, side: 'BUY', ticks: 5_000 + ((index * 13) % 4_000), lots: 1 + (index % 3) } as const;
    if (expiresAt !== undefined) return { ...wish, expiresAt };
    return index % 7 === 0 ? { ...wish, ticks: 12_000, orderType: 'STOP_LIMIT', stopTicks: 11_000 } : wish;
  });

async function placeAll(kit: Kit, wishes: readonly Wish[]) {
  const orders = [];
  for (let from = 0; from < wishes.length; from += 500)
    orders.push(...(await kit.place(wishes.slice(from, from + 500))));
  await kit.settled(60_000);
  return orders;
}

/** Commits and sends a command of the exchange's own kinds. */
async function send({ database, redis }: Kit, command: Extract<TradingCommand, { kind: 'CANCEL_ALL' | 'EXPIRE' }>) {
  await database.db.none(
    'INSERT INTO trading.commands (command_id, symbol, kind, user_id, created_at) VALUES ($1, $2, $3, $4, now())',
    [command.commandId, symbol, command.kind, command.kind === 'CANCEL_ALL' ? command.userId : null],
  );
  await redis.redis.xadd(stream, '*', commandField, writeCommand(command));
}

const cancelAll = (kit: Kit, userId: string) =>
  send(kit, { kind: 'CANCEL_ALL', commandId: newId(), userId, createdAt: Date.now(), reason: 'CANCEL_ALL' });

const statuses = async ({ database: { db } }: Kit, userId: string) =>
  new Map(
    await db.map<[string, number]>(
      `SELECT coalesce(reason, status::text) AS how, count(*)::int AS count
         FROM trading.orders WHERE user_id = $1 GROUP BY 1`,
      [userId],
      (row: { how: string; count: number }) => [row.how, row.count],
    ),
  );

/** How many orders each batch of the journal tells of, those with many. */
const largeBatches = ({ database: { db } }: Kit) =>
  db.map<number>(
    `SELECT jsonb_array_length(events -> 'o') AS count FROM trading.journal
      WHERE inputs::text LIKE '%"t": "T"%' OR inputs::text LIKE '%"t": "A"%' ORDER BY batch`,
    [],
    (row: { count: number }) => row.count,
  );

test('mass end: a cancel-all of 1 700 orders, is committed in chunks and none of them trades meanwhile', async (t) => {
  const kit = await prepare(t, 3);
  const [alice = '', bob = '', carol = ''] = kit.users;
  const matcher = kit.start();
  await placeAll(kit, [
    { user: bob, side: 'SELL', ticks: 10_000, lots: 1 },
    { user: carol, side: 'BUY', ticks: 10_000, lots: 1 },
    ...bids(alice, 1_700),
  ]);
  await cancelAll(kit, alice);
  const after = await kit.place([
    { user: bob, side: 'SELL', ticks: 4_000, lots: 5 },
    { user: carol, side: 'BUY', ticks: 4_000, lots: 2 },
  ]);
  await until(async () => (await statuses(kit, alice)).get('CANCEL_ALL') === 1_700);
  t.deepEqual(await statuses(kit, alice), new Map([['CANCEL_ALL', 1_700]]));
  t.deepEqual(
    (await kit.orders(after.map(({ orderId }) => orderId))).map(({ status }) => status),
    ['PARTIALLY_FILLED', 'FILLED'],
  );
  const counts = await largeBatches(kit);
  t.true(counts.length >= 4 && counts.every((count) => count <= 502), counts.join());
  await matcher.stop();
  await checkBooks(t, kit);
});

test('mass end: the matcher is killed in the middle of two cancel-alls, the next one goes on with them', async (t) => {
  const kit = await prepare(t, 3);
  const [alice = '', bob = '', carol = ''] = kit.users;
  const first = spawnMatcher(t, kit);
  await placeAll(kit, [
    { user: bob, side: 'SELL', ticks: 10_000, lots: 1 },
    { user: carol, side: 'BUY', ticks: 10_000, lots: 1 },
    ...bids(alice, 4_000),
    ...bids(bob, 600),
  ]);
  await cancelAll(kit, alice);
  await cancelAll(kit, bob);
  await until(async () => ((await statuses(kit, alice)).get('CANCEL_ALL') ?? 0) > 0);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const left = (await statuses(kit, alice)).get('OPEN') ?? 0;
  t.true(left > 0, 'it was killed in the middle');
  spawnMatcher(t, kit);
  await kit.place([{ user: carol, side: 'SELL', ticks: 4_000, lots: 1 }]);
  await until(async () => (await statuses(kit, alice)).get('CANCEL_ALL') === 4_000, 20_000);
  await until(async () => (await statuses(kit, bob)).get('CANCEL_ALL') === 600, 20_000);
  await kit.settled();
  t.deepEqual(
    await kit.database.db.any(
      `SELECT reservation_id FROM ledger.reservations JOIN trading.orders ON order_id = reservation_id
        WHERE status = 'CANCELLED' AND remaining <> 0`,
    ),
    [],
  );
  await checkBooks(t, kit);
});

test('mass end: the end of a day and delisting of 1 200 orders each, are committed in chunks', async (t) => {
  const kit = await prepare(t, 3);
  const [alice = '', bob = '', carol = ''] = kit.users;
  const matcher = kit.start();
  await placeAll(kit, [
    { user: bob, side: 'SELL', ticks: 10_000, lots: 1 },
    { user: carol, side: 'BUY', ticks: 10_000, lots: 1 },
    ...bids(alice, 1_200, dayEnd),
    ...bids(carol, 1_200),
  ]);
  await matcher.stop();
  await kit.database.db.none('UPDATE trading.orders SET expires_at = now() WHERE user_id = $1', [alice]);
  const again = kit.start();
  await send(kit, { kind: 'EXPIRE', commandId: newId() });
  await until(async () => (await statuses(kit, alice)).get('DAY_END') === 1_200);
  t.true((await openDesk(kit).become('DELISTED')).isInForce);
  await until(async () => (await statuses(kit, carol)).get('DELISTED') === 1_200);
  await again.stop();
  const { most } = await kit.database.db.one<{ most: number }>(
    `SELECT max(jsonb_array_length(events -> 'o')) AS most FROM trading.journal WHERE inputs::text LIKE '%"t": "T"%'`,
  );
  t.true(most <= 500);
});
