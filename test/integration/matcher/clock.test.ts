import test from 'ava';
import { until } from '../../_support/until.ts';
import { prepare } from './kit.ts';

const hour = 3_600_000;

for (const [what, step] of [
  ['forth', hour],
  ['back', -hour],
] as const) {
  test(`clock: the matcher's steps ${what} an hour between two looks, it ends before its next batch`, async (t) => {
    const kit = await prepare(t, 2);
    const [alice = ''] = kit.users;
    const { promise: ended, resolve } = Promise.withResolvers<Error>();
    let shift = 0;
    const first = kit.start({
      now: () => Date.now() + shift,
      onEnd: resolve,
      timing: { ttlMs: 2_000, renewMs: 60_000 },
    });
    await until(() => first.markets.size === 1);
    const expiresAt = Date.now() + hour / 2;
    const [day] = await kit.place([{ user: alice, side: 'BUY', ticks: 9_000, lots: 1, expiresAt }]);
    await kit.settled();
    shift = step;
    const [next] = await kit.place([{ user: alice, side: 'BUY', ticks: 9_001, lots: 1 }]);
    t.regex((await ended).message, /clock differs/);
    const statuses = async () => (await kit.orders([day!.orderId, next!.orderId])).map(({ status }) => status);
    t.deepEqual(await statuses(), ['OPEN', 'PENDING'], 'nothing is expired, and nothing is lost');
    // As its process would, when it ends.
    await first.stop();
    kit.start();
    await kit.settled();
    t.deepEqual(await statuses(), ['OPEN', 'OPEN']);
    const { newest } = await kit.database.db.one<{ newest: Date }>(
      'SELECT max(batch_time) AS newest FROM trading.journal',
    );
    t.true(Math.abs(newest.getTime() - Date.now()) < 10_000, 'no batch has the wrong time');
  });
}
