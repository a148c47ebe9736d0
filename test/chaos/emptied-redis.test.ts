import anyTest, { type TestFn } from 'ava';
import { createChaos, type Trial, underLoad } from '../_support/chaos.ts';
import { findOddEvents, readEvents } from '../_support/events.ts';
import { createCustomers } from '../_support/load.ts';
import { startSystem, type System } from '../_support/system.ts';
import { until } from '../_support/until.ts';

const test = anyTest as TestFn<Trial>;

test.before(async (t) => {
  const system = await startSystem({}, { own: ['redis'] });
  t.context = { system, customers: await createCustomers(system.internal, 20) };
});
test.after.always((t) => t.context.system.stop());

interface Totals {
  readonly type: string;
  readonly happened: string;
  readonly counted: string | null;
}

/** How often each thing happened to users and markets, and how often monitoring has counted it. */
const totals = ({ db }: System): Promise<readonly Totals[]> =>
  db.many<Totals>(
    `SELECT type, happened.events AS happened, counted.events AS counted
       FROM (SELECT event ->> 'type' AS type, count(*) AS events
               FROM outbox.told WHERE stream = 'user-service:events' GROUP BY 1
              UNION ALL
             SELECT 'trade.executed', count(*) FROM trading.trades) AS happened
       LEFT JOIN (SELECT type, sum(events) AS events FROM monitoring.counts GROUP BY 1) AS counted USING (type)
      ORDER BY type`,
  );

test('Redis: emptied under load, events are told again from the outbox and nothing is done twice', async (t) => {
  t.timeout(150_000);
  const { context } = t;
  const { system } = context;
  const redis = system.servers.redis!;
  const isCounted = async (): Promise<boolean> =>
    (await totals(system)).every(({ happened, counted }) => happened === counted);
  const chaos = createChaos(t);
  await underLoad(t, context, chaos, async () => {
    await chaos.moment(500, 1_500);
    await redis.kill();
    await redis.start({ emptied: true });
    await chaos.moment(500, 1_500);
  });
  await createCustomers(system.internal, 5);
  await until(isCounted, 30_000);
  const happened = await totals(system);
  t.log(happened.map(({ type, counted }) => `${type} ${counted}`).join(', '));
  t.true(happened.length >= 4);

  const events = await readEvents(redis.url);
  t.deepEqual(findOddEvents(events), []);
  const told = await system.db.many<{ id: string }>(
    "SELECT event ->> 'id' AS id FROM outbox.told WHERE stream = 'user-service:events'",
  );
  const there = new Set(events.map(({ text }) => (JSON.parse(text) as { id: string }).id));
  t.deepEqual(
    told.filter(({ id }) => !there.has(id)),
    [],
    'all that was told before is in the new Redis',
  );
  t.regex(system.log('workers'), /A stream has lost events; they are told again/);
});
