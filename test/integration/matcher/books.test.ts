import test from 'ava';
import { createBookCheck } from '../../../services/books.ts';
import { checkBooks } from './books.ts';
import { prepare } from './kit.ts';

/** Each breaks one thing that only a faulty matcher, or a hand in the database, could. */
const breaks: readonly (readonly [what: string, statement: string])[] = [
  ['a trade that is missing', 'DELETE FROM trading.trades WHERE trade_seq = 1'],
  ['a trade that is there twice', 'UPDATE trading.trades SET trade_seq = 1 WHERE trade_seq = 2'],
  ['a quantity that was never traded', 'UPDATE trading.trades SET quantity = quantity * 2 WHERE trade_seq = 1'],
  [
    'funds that were released twice',
    "UPDATE ledger.reservations SET remaining = 0, state = 'released' WHERE remaining > 0",
  ],
  ['an order that nobody took in', "UPDATE trading.orders SET status = 'PENDING' WHERE priority_seq IS NULL"],
  ['a batch that is missing', 'DELETE FROM trading.journal WHERE batch = 1'],
  ['a batch that replays otherwise', "UPDATE trading.journal SET events = jsonb_set(events, '{t}', '[]')"],
];

for (const [what, statement] of breaks) {
  test(`checkBooks: ${what}, is seen`, async (t) => {
    const kit = await prepare(t, 2);
    const [alice = '', bob = ''] = kit.users;
    const matcher = kit.start();
    await kit.place([
      { user: alice, side: 'SELL', ticks: 10_000, lots: 2 },
      { user: bob, side: 'BUY', ticks: 10_000, lots: 1 },
      { user: bob, side: 'BUY', ticks: 10_000, lots: 3 },
    ]);
    await kit.settled();
    await matcher.stop();
    await checkBooks(t, kit);
    await kit.database.db.none(statement);
    const broken = await t.try(async (attempt) => checkBooks(attempt, kit));
    broken.discard();
    t.false(broken.passed);
  });
}

test('book check: a trade whose order is missing, is named', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const [alice = '', bob = ''] = kit.users;
  const matcher = kit.start();
  await kit.place([
    { user: alice, side: 'SELL', ticks: 10_000, lots: 1 },
    { user: bob, side: 'BUY', ticks: 10_000, lots: 1 },
  ]);
  await kit.settled();
  await matcher.stop();
  const check = createBookCheck({ db, clock: () => new Date() });
  t.deepEqual((await check()).breaks, []);
  const trade = await db.one<{ id: string; buy: string }>(
    'SELECT trade_id AS id, buyer_order_id AS buy FROM trading.trades',
  );
  await db.none('DELETE FROM trading.orders WHERE order_id = $<buy>', trade);
  const finding = { check: 'trades', subject: trade.id, assets: ['BTC', 'USDT'] };
  t.deepEqual((await check()).breaks, [{ ...finding, finding: `its order ${trade.buy} is missing` }]);
});
