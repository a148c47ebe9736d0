import { randomUUID } from 'node:crypto';
import anyTest, { type TestFn } from 'ava';
import { takeDueEntries } from '../../../storage/outbox/outbox.ts';
import { findWaitingCommands } from '../../../storage/trading/matching-lookups.ts';
import { buy, createKit, type Kit, symbol } from './kit.ts';

const test = anyTest as TestFn<Kit>;

test.beforeEach(async (t) => {
  t.context = await createKit();
});
test.afterEach.always((t) => t.context.close());

const bothMarkets = [buy, { ...buy, symbol: 'ETH/USDT', price: '3000' }];

/** A customer with an order in each of two markets. */
async function trader({ customer, trading }: Kit): Promise<string> {
  const who = await customer();
  for (const order of bothMarkets) await trading.placing.place(who, order, undefined);
  return who.userId;
}

interface TimerRow {
  readonly timer_id: string;
  readonly cancel_at: Date | null;
  readonly wakes_at: Date | null;
}

const timerOf = ({ db }: Kit, userId: string) =>
  db.one<TimerRow>('SELECT timer_id, cancel_at, wakes_at FROM trading.cancel_timers WHERE user_id = $1', [userId]);

interface CommandRow {
  readonly command_id: string;
  readonly symbol: string;
  readonly reason: string | null;
}

const commandsOf = ({ db }: Kit, userId: string) =>
  db.manyOrNone<CommandRow>(
    `SELECT command_id, symbol, reason
       FROM trading.commands WHERE user_id = $1 AND kind = 'CANCEL_ALL' ORDER BY symbol`,
    [userId],
  );

/** What Temporal is told. */
const told = async ({ db }: Kit) =>
  (await takeDueEntries(db, { to: 'workflows', at: new Date(Date.now() + 1e9), limit: 100 })).map(
    ({ telling }) => telling,
  );

test('cancel timer: renewed 20 times a second, Temporal is told once', async (t) => {
  const { trading, customer, advance } = t.context;
  const { userId } = await customer();
  for (let times = 0; times < 100; times += 1) {
    await trading.cancelTimers.set(userId, undefined, 5);
    advance(50);
  }
  const { timer_id: timerId } = await timerOf(t.context, userId);
  t.deepEqual(await told(t.context), [
    {
      kind: 'signal_with_start',
      signal: 'changed',
      workflow: 'cancelAllAfter',
      workflowId: `cancel-all-after:${timerId}`,
      queue: 'operations',
      input: timerId,
    },
  ]);
});

test('cancel timer: set to an earlier time, Temporal is told again', async (t) => {
  const { trading, customer, advance } = t.context;
  const { userId } = await customer();
  await trading.cancelTimers.set(userId, undefined, 3_600);
  await trading.cancelTimers.set(userId, undefined, 5);
  t.is((await told(t.context)).length, 2);
  const { cancel_at, wakes_at } = await timerOf(t.context, userId);
  t.deepEqual(wakes_at, cancel_at);
  advance(1);
  await trading.cancelTimers.set(userId, undefined, 3_600);
  t.is((await told(t.context)).length, 2, 'it wakes early enough');
});

test('cancel timer: due, cancels in every market once however often it is looked at', async (t) => {
  const { trading, advance, sent } = t.context;
  const userId = await trader(t.context);
  const { cancelAt } = await trading.cancelTimers.set(userId, undefined, 2);
  const { timer_id: timerId } = await timerOf(t.context, userId);
  const waiting = { userId, symbol: null, state: 'waiting', cancelAt: cancelAt.toISOString() };
  t.deepEqual(await trading.cancelTimers.look(timerId), waiting);
  t.deepEqual(await commandsOf(t.context, userId), []);
  advance(2_001);
  const fired = { ...waiting, state: 'fired', cancelAt: null };
  const looks = await Promise.all(Array.from({ length: 10 }, () => trading.cancelTimers.look(timerId)));
  t.true(looks.every((look) => look?.state === 'fired'));
  // The worker died after its commit: Temporal has another one look.
  t.deepEqual(await trading.cancelTimers.look(timerId), fired as (typeof looks)[0]);
  const commands = await commandsOf(t.context, userId);
  t.deepEqual(
    commands.map((row) => [row.symbol, row.reason]),
    [
      ['BTC/USDT', 'CANCEL_ALL_AFTER'],
      ['ETH/USDT', 'CANCEL_ALL_AFTER'],
    ],
  );
  const cancels = (await sent()).filter(({ kind }) => kind === 'CANCEL_ALL');
  t.like(cancels, { 0: { userId, reason: 'CANCEL_ALL_AFTER', commandId: commands[0]!.command_id }, length: 1 });
  t.deepEqual(await trading.cancelTimers.list(userId), []);
});

test('cancel timer: fired and never sent, the sweep finds the same command', async (t) => {
  const { trading, otherProcess, advance, sent, db } = t.context;
  const userId = await trader(t.context);
  await trading.cancelTimers.set(userId, symbol, 2);
  const { timer_id: timerId } = await timerOf(t.context, userId);
  advance(2_001);
  await trading.cancelTimers.look(timerId);
  const [command] = await commandsOf(t.context, userId);
  const [found] = await findWaitingCommands(db, [command!.command_id]);
  t.deepEqual(
    found,
    (await sent()).find(({ kind }) => kind === 'CANCEL_ALL'),
  );
  await otherProcess().cancelling.cancelAll(userId, 'ETH/USDT');
  const [, own] = await commandsOf(t.context, userId);
  t.like(await findWaitingCommands(db, [own!.command_id]), { 0: { kind: 'CANCEL_ALL', reason: 'CANCEL_ALL' } });
});

test('cancel timer: of one market, the orders of the other stay; both switches are listed', async (t) => {
  const { trading, advance } = t.context;
  const userId = await trader(t.context);
  const one = await trading.cancelTimers.set(userId, symbol, 2);
  const { timer_id: timerId } = await timerOf(t.context, userId);
  const all = await trading.cancelTimers.set(userId, undefined, 60);
  t.deepEqual(await trading.cancelTimers.list(userId), [all, one]);
  advance(2_001);
  t.is((await trading.cancelTimers.look(timerId))?.state, 'fired');
  t.deepEqual(
    (await commandsOf(t.context, userId)).map((row) => row.symbol),
    [symbol],
  );
  t.deepEqual(await trading.cancelTimers.list(userId), [all]);
});

test('cancel timer: renewed between the deadline that was read and the look, waits on', async (t) => {
  const { trading, advance } = t.context;
  const userId = await trader(t.context);
  await trading.cancelTimers.set(userId, undefined, 2);
  const { timer_id: timerId } = await timerOf(t.context, userId);
  advance(1_999);
  const { cancelAt } = await trading.cancelTimers.set(userId, undefined, 2);
  advance(1_000);
  t.like(await trading.cancelTimers.look(timerId), { state: 'waiting', cancelAt: cancelAt.toISOString() });
  t.deepEqual(await commandsOf(t.context, userId), []);
});

test('cancel timer: switched off, its workflow ends and the next setting starts it anew', async (t) => {
  const { trading, advance } = t.context;
  const userId = await trader(t.context);
  await trading.cancelTimers.switchOff(userId, undefined);
  await trading.cancelTimers.set(userId, undefined, 2);
  const { timer_id: timerId } = await timerOf(t.context, userId);
  await trading.cancelTimers.switchOff(userId, undefined);
  advance(2_001);
  t.like(await trading.cancelTimers.look(timerId), { state: 'off', cancelAt: null });
  t.deepEqual(await commandsOf(t.context, userId), []);
  t.is((await told(t.context)).length, 1);
  await trading.cancelTimers.set(userId, undefined, 2);
  t.is((await told(t.context)).length, 2);
  advance(2_001);
  t.is((await trading.cancelTimers.look(timerId))?.state, 'fired');
  await trading.cancelTimers.set(userId, undefined, 2);
  t.like(await trading.cancelTimers.look(timerId), { state: 'waiting' });
  t.is((await told(t.context)).length, 3);
});

test('cancel timer: orders placed after it fired, are younger than what it cancels', async (t) => {
  const { trading, customer, advance, sent } = t.context;
  const who = await customer();
  await trading.placing.place(who, buy, undefined);
  await trading.cancelTimers.set(who.userId, undefined, 2);
  const { timer_id: timerId } = await timerOf(t.context, who.userId);
  // Temporal was away for a minute.
  advance(62_000);
  await trading.cancelTimers.look(timerId);
  advance(5);
  const { createdAt } = await trading.placing.place(who, buy, undefined);
  const cancel = (await sent()).find((command) => command.kind === 'CANCEL_ALL');
  t.true(cancel!.createdAt < createdAt.getTime());
});

test('cancel timer: an id of none, or no id, is looked at in vain', async (t) => {
  const { trading, db, advance } = t.context;
  const userId = await trader(t.context);
  await trading.cancelTimers.set(userId, undefined, 1);
  const before = await timerOf(t.context, userId);
  advance(2_000);
  for (const id of [userId, randomUUID(), '0198f5d0-0000-7000-8000-000000000000', 'all of them', '']) {
    t.is(await trading.cancelTimers.look(id), undefined);
  }
  t.deepEqual(await timerOf(t.context, userId), before);
  t.is((await db.any('SELECT FROM trading.commands')).length, 0);
});

test('cancel timer: nobody looked for a minute, it is found and others are not', async (t) => {
  const { trading, customer, advance } = t.context;
  const [late, on] = [await customer(), await customer()];
  await trading.cancelTimers.set(late.userId, undefined, 10);
  await trading.cancelTimers.set(on.userId, undefined, 1_000);
  const { timer_id: timerId } = await timerOf(t.context, late.userId);
  advance(71_000);
  // Renewing does not hide that its workflow is gone.
  await trading.cancelTimers.set(late.userId, undefined, 10);
  const page = { after: undefined, createdBefore: new Date(Date.now() + 11_000), limit: 10 };
  const found = await trading.cancelTimers.findOverlooked(page);
  t.deepEqual(
    found.map(({ input }) => input),
    [timerId],
  );
  t.deepEqual(await trading.cancelTimers.findOverlooked({ ...page, after: timerId }), []);
});
