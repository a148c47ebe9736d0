import test from 'ava';
import { prepare } from './kit.ts';

test('recovery: another engine version wrote the last commit, its hash is not compared and work goes on', async (t) => {
  const kit = await prepare(t, 2);
  const { db } = kit.database;
  const first = kit.start();
  await kit.place([{ side: 'SELL', ticks: 10_000, lots: 3, user: kit.users[0]! }]);
  await kit.settled();
  await first.stop();
  await db.none("UPDATE trading.market_state SET state_hash = 'of another version'");
  await db.none('UPDATE trading.journal SET engine_version = 1');
  kit.start();
  const [buy] = await kit.place([{ side: 'BUY', ticks: 10_000, lots: 3, user: kit.users[1]! }]);
  await kit.settled();
  const [order] = await kit.orders([buy!.orderId]);
  t.is(order?.status, 'FILLED');
});
