import test, { type ExecutionContext } from 'ava';
import { commandField, readCommand } from '../../../domain/trading/command.ts';
import { silentLogger } from '../../../platform/log.ts';
import { pause } from '../../../platform/wait.ts';
import { createAssetBook } from '../../../services/ledger/assets.ts';
import { createExpiring } from '../../../services/trading/expiring.ts';
import { createMarketBook } from '../../../services/trading/markets.ts';
import { createSender, type SendCommands } from '../../../services/trading/sender.ts';
import { checkBooks } from '../matcher/books.ts';
import { type Kit, prepare } from '../matcher/kit.ts';
import { newId, stream } from '../matcher/market.ts';

/** What the schedule's activity does, with what it is wired to. */
function expiring({ database: { db }, redis }: Kit, { send }: { readonly send?: SendCommands } = {}) {
  return createExpiring({
    db,
    clock: () => new Date(),
    newId,
    markets: createMarketBook({ db, assets: createAssetBook({ db }), monotonicMs: () => performance.now() }),
    send: send ?? createSender({ redis: redis.redis, log: silentLogger }),
  });
}

/**
 * Two DAY orders whose day ends in three seconds, so that they rest by then on a loaded machine as well; one that ends
 * tomorrow, one that never does, and a trade.
 */
async function openBook(kit: Kit) {
  const [alice = '', bob = ''] = kit.users;
  const expiresAt = Date.now() + 3_000;
  const orders = await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 5, expiresAt },
    { user: alice, side: 'BUY', ticks: 9_000, lots: 7, expiresAt },
    { user: alice, side: 'BUY', ticks: 9_100, lots: 7, expiresAt: expiresAt + 86_400_000 },
    { user: alice, side: 'SELL', ticks: 10_100, lots: 3 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 2 },
  ]);
  await kit.settled();
  return { expiresAt, ids: orders.map(({ orderId }) => orderId) };
}

const statuses = async (kit: Kit, ids: readonly string[]) => (await kit.orders(ids)).map(({ status }) => status);
const before = ['PARTIALLY_FILLED', 'OPEN', 'OPEN', 'OPEN', 'FILLED'];
const after = ['EXPIRED', 'EXPIRED', 'OPEN', 'OPEN', 'FILLED'];

const journalled = async ({ database: { db } }: Kit): Promise<number> => {
  const texts = await db.map('SELECT inputs FROM trading.journal', [], (row: { inputs: readonly object[] }) =>
    row.inputs.map((input) => readCommand(JSON.stringify(input)).kind),
  );
  return texts.flat().filter((kind) => kind === 'EXPIRE').length;
};

async function untilDue(t: ExecutionContext, kit: Kit, book: { expiresAt: number; ids: readonly string[] }) {
  await pause(book.expiresAt - Date.now() + 200);
  t.deepEqual(await statuses(kit, book.ids), before, 'nobody trades: nothing ends them');
}

test('day end: a quiet market, its DAY orders end and release what they had reserved in the same commit', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const matcher = kit.start();
  const book = await openBook(kit);
  const expire = expiring(kit);
  t.is(await expire(), 0, 'not due yet');
  await untilDue(t, kit, book);

  t.is(await expire(), 1);
  await kit.settled();
  t.deepEqual(await statuses(kit, book.ids), after);
  t.deepEqual(
    (await kit.orders(book.ids.slice(0, 2))).map(({ reason }) => reason),
    ['DAY_END', 'DAY_END'],
  );
  // One transaction wrote the orders, the reservations, the command's outcome and the journal.
  const { transactions } = await db.one<{ transactions: number }>(
    `SELECT count(DISTINCT by::text)::int AS transactions
       FROM (SELECT xmin AS by FROM trading.orders WHERE status = 'EXPIRED'
              UNION ALL SELECT xmin FROM ledger.reservations WHERE reservation_id = ANY ($1::uuid[])
              UNION ALL SELECT xmin FROM trading.commands
              UNION ALL (SELECT xmin FROM trading.journal ORDER BY batch DESC LIMIT 1)) AS written`,
    [book.ids.slice(0, 2)],
  );
  t.is(transactions, 1);
  t.is(await expire(), 0, 'nothing is left to end');
  await matcher.stop();
  await checkBooks(t, kit);
});

test('day end: the command comes twice, it is taken in once', async (t) => {
  const kit = await prepare(t, 2);
  const matcher = kit.start();
  const book = await openBook(kit);
  await untilDue(t, kit, book);
  const send = createSender({ redis: kit.redis.redis, log: silentLogger });
  t.is(await expiring(kit, { send: (commands) => send([...commands, ...commands]) })(), 1);
  await kit.settled();
  await kit.place([{ side: 'BUY', ticks: 8_000, lots: 1 }]);
  await kit.settled();
  t.is(await journalled(kit), 1);
  await matcher.stop();
  await checkBooks(t, kit);
});

test('day end: nothing reaches the stream, no second command is made and the sweep takes the first in', async (t) => {
  const kit = await prepare(t, 2);
  const matcher = kit.start({ sweepEveryMs: 100 });
  const book = await openBook(kit);
  await untilDue(t, kit, book);
  const expire = expiring(kit, { send: async () => false });
  t.is(await expire(), 1);
  t.is(await expire(), 0, 'one is waiting');
  await kit.settled();
  t.deepEqual(await statuses(kit, book.ids), after);
  t.is(await journalled(kit), 1);
  await matcher.stop();
  await checkBooks(t, kit);
});

test('day end: the matcher was away, it ends them when it is back', async (t) => {
  const kit = await prepare(t, 2);
  const first = kit.start();
  const book = await openBook(kit);
  await first.stop();
  await untilDue(t, kit, book);
  t.is(await expiring(kit)(), 1);
  t.deepEqual(await statuses(kit, book.ids), before);
  const second = kit.start();
  await kit.settled();
  t.deepEqual(await statuses(kit, book.ids), after);
  await second.stop();
  await checkBooks(t, kit);
});

test('day end: what is sent, is a committed row of no user and no order', async (t) => {
  const kit = await prepare(t, 2);
  const matcher = kit.start();
  const book = await openBook(kit);
  await untilDue(t, kit, book);
  await matcher.stop();
  await expiring(kit)();
  const [entry] = await kit.redis.redis.xrevrange(stream, '+', '-', 'COUNT', 1);
  const command = readCommand(entry?.[1][entry[1].indexOf(commandField) + 1] ?? '');
  const row = await kit.database.db.one<{ command_id: string }>(
    'SELECT command_id, kind, user_id, order_id, outcome FROM trading.commands',
  );
  t.deepEqual(command, { kind: 'EXPIRE', commandId: row.command_id });
  t.like(row, { kind: 'EXPIRE', user_id: null, order_id: null, outcome: null });
  await t.throwsAsync(
    kit.database.db.none(
      `INSERT INTO trading.commands (command_id, symbol, kind, user_id, created_at)
       SELECT gen_random_uuid(), symbol, 'EXPIRE', $1, now() FROM trading.markets`,
      [kit.users[0]],
    ),
    { message: /command_user_by_kind/ },
  );
});
