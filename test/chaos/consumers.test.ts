import { type ChildProcess, fork } from 'node:child_process';
import anyTest, { type TestFn } from 'ava';
import { systemClock } from '../../platform/clock.ts';
import { createIds } from '../../platform/ids.ts';
import type { EventEnvelope } from '../../platform/streams/envelope.ts';
import { createStreamProducer } from '../../platform/streams/producer.ts';
import { createChaos, rounds } from '../_support/chaos.ts';
import { createTestDatabase, type TestDatabase } from '../_support/database.ts';
import { createTestRedis, type TestRedis } from '../_support/redis.ts';
import { until } from '../_support/until.ts';

const test = anyTest as TestFn<{ database: TestDatabase; redis: TestRedis; processes: ChildProcess[] }>;

test.before(async (t) => {
  t.context = { database: await createTestDatabase(), redis: await createTestRedis(), processes: [] };
  await t.context.database.db.none('CREATE TABLE effects (event_id uuid, by text)');
});
test.after.always(async ({ context: { database, redis, processes } }) => {
  for (const each of processes) {
    each.kill('SIGKILL');
    if (each.exitCode === null && each.signalCode === null) await new Promise((resolve) => each.once('exit', resolve));
  }
  await redis.drop();
  await database.drop();
});

const newId = createIds(systemClock);
const event = (n: number): EventEnvelope => ({
  id: newId(),
  type: 'test.happened',
  version: 1,
  timestamp: '2026-01-01T00:00:00.000Z',
  trace_id: 'trace',
  payload: { n },
  metadata: { source: 'test' },
});

for (let round = 0; round < rounds; round += 1) {
  test.serial(
    `consumers ${round}: each entry comes twice and one is frozen while another claims, one effect each`,
    async (t) => {
      t.timeout(60_000);
      const { database, redis: own, processes } = t.context;
      const [{ db, url }, { redis }] = [database, own];
      const chaos = createChaos(t);
      const [stream, group, count] = [`twice-${round}`, 'readers', 400];
      const start = (name: string): ChildProcess => {
        const env = { ...process.env, DATABASE_URL: url, REDIS_URL: own.url };
        const child = fork(new URL('consumer-process.ts', import.meta.url), [stream, group, name], { env });
        processes.push(child);
        return child;
      };
      const events = Array.from({ length: count }, (_, n) => event(n));
      const ids = events.map(({ id }) => id);
      const effects = () =>
        db.one<{ rows: number; events: number; takers: number }>(
          `SELECT count(*)::int AS rows, count(DISTINCT event_id)::int AS events, count(DISTINCT by)::int AS takers
           FROM effects WHERE event_id = ANY ($1::uuid[])`,
          [ids],
        );
      await createStreamProducer({ redis, maxLength: 10_000 }).publishAll(stream, [...events, ...events.toReversed()]);
      const first = start('first');
      await until(async () => (await effects()).events > 20, 20_000);
      await chaos.moment(0, 100);
      first.kill('SIGSTOP');
      t.true((await effects()).events < count, 'it is frozen in the midst of its work');
      start('second');
      // Also what the frozen one had under way: PostgreSQL has ended its transactions.
      await until(async () => (await effects()).events === count, 30_000);
      first.kill('SIGCONT');
      await until(async () => ((await redis.xpending(stream, group)) as [number])[0] === 0, 20_000);
      t.deepEqual(await effects(), { rows: count, events: count, takers: 2 });
      t.is(await redis.exists(`${stream}.dlq`), 0);
    },
  );
}
