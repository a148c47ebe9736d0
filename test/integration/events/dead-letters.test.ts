import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import anyTest, { type TestFn } from 'ava';
import { systemClock } from '../../../platform/clock.ts';
import { createIds } from '../../../platform/ids.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createStreamMetrics, startConsumer } from '../../../platform/streams/consumer.ts';
import type { EventEnvelope } from '../../../platform/streams/envelope.ts';
import { createStreamProducer } from '../../../platform/streams/producer.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { all, createDeadLetterDesk } from '../../../services/events/dead-letter-desk.ts';
import { createInbox } from '../../../services/events/inbox.ts';
import { createTestDatabase, type TestDatabase } from '../../_support/database.ts';
import { createTestRedis, type TestRedis } from '../../_support/redis.ts';
import { until } from '../../_support/until.ts';

const test = anyTest as TestFn<{ database: TestDatabase; redis: TestRedis }>;
const newId = createIds(systemClock);
const metrics = createStreamMetrics(createMetrics());

test.before(async (t) => {
  t.context = { database: await createTestDatabase(), redis: await createTestRedis() };
});
test.after.always(async (t) => {
  await t.context.redis.drop();
  await t.context.database.drop();
});

const event = (n: number): EventEnvelope => ({
  id: newId(),
  type: 'test.happened',
  version: 1,
  timestamp: '2026-01-01T00:00:00.000Z',
  trace_id: 'trace',
  user_id: 'one of whom everything is in order',
  payload: { n },
  metadata: { source: 'test' },
});

test.serial(
  'dead letters: replayed once their fault is gone, reach their own group alone, once, and are audited',
  async (t) => {
    const { database, redis: own } = t.context;
    const { db } = database;
    const { redis } = own;
    const desk = createDeadLetterDesk({ db, redis, clock: systemClock, newId, operator: 'olga' });
    const stream = 'user-service:events';
    const effects: string[] = [];
    let broken = true;
    const consume = (group: string) => {
      const inbox = createInbox({ db, clock: systemClock, consumer: group });
      const handle = (handled: EventEnvelope) =>
        inbox.once(handled, async () => {
          if (broken && group === 'fragile') throw new Error('broken');
          effects.push(`${group} ${Number(handled.payload['n'])}`);
        });
      const options = { redis, stream, group, consumer: 'one', handle, log: silentLogger, metrics };
      return startConsumer({ ...options, limits: { tries: 1, claimEveryMs: 50 } });
    };
    const consumers = [consume('fragile'), consume('sturdy')];
    const events = [event(1), event(2), event(3)];
    await createStreamProducer({ redis, maxLength: 100 }).publishAll(stream, events);
    await until(async () => effects.length === 3 && (await redis.xlen(`${stream}.dlq`)) === 3);

    t.deepEqual(await desk.overview(), [{ stream, letters: 3 }]);
    const [first] = await desk.list(stream);
    t.like(first, { group: 'fragile', error: 'Error: broken', tries: '1' });
    t.deepEqual(JSON.parse((await desk.show({ stream, id: first!.id })).text), events[0]);
    await t.throwsAsync(desk.show({ stream, id: '1-1' }), { message: /no dead letter 1-1/ });

    broken = false;
    t.is(await desk.replay({ stream, id: first!.id }), 1);
    await t.throwsAsync(desk.replay({ stream, id: first!.id }), { message: /no dead letter/ });
    t.is(await desk.drop({ stream, id: (await desk.list(stream))[0]!.id }), 1);
    t.is(await desk.replay({ stream, id: all }), 1);
    await until(() => effects.length === 5);
    await Promise.all(consumers.map((each) => each.stop()));
    t.deepEqual(effects.toSorted(), ['fragile 1', 'fragile 3', 'sturdy 1', 'sturdy 2', 'sturdy 3']);
    t.is(await redis.xlen(`${stream}.dlq`), 0);
    const lines = await db.many<{ action: string; event: string; operator: string }>(
      `SELECT action, details ->> 'event_id' AS event, details ->> 'operator' AS operator FROM audit.audit_logs
      WHERE resource = 'dead_letter' ORDER BY id`,
    );
    t.deepEqual(lines, [
      { action: 'dead_letter.replay', event: events[0]!.id, operator: 'olga' },
      { action: 'dead_letter.drop', event: events[1]!.id, operator: 'olga' },
      { action: 'dead_letter.replay', event: events[2]!.id, operator: 'olga' },
    ]);
  },
);

test.serial('dead letters: a command among them, is shown and dropped but not replayed', async (t) => {
  const { database, redis: own } = t.context;
  const { redis } = own;
  const desk = createDeadLetterDesk({ db: database.db, redis, clock: systemClock, newId, operator: 'olga' });
  const stream = 'orders:BTC-USDT';
  const id =
    (await redis.xadd(`${stream}.dlq`, '*', 'entry_id', '1-0', 'c', '{"v":9}', 'error', 'Error: unknown')) ?? '';
  t.like(await desk.show({ stream, id }), { group: undefined, error: 'Error: unknown' });
  await t.throwsAsync(desk.replay({ stream, id }), { message: /^Only events are replayed/ });
  t.is(await desk.drop({ stream, id: all }), 1);
});

test.serial(
  'scripts/dlq.ts: asked by a person, lists, shows, replays and drops; a wrong word is explained',
  async (t) => {
    const { database, redis: own } = t.context;
    const { redis } = own;
    const stream = 'scripted';
    const add = (group: string) =>
      redis.xadd(
        `${stream}.dlq`,
        '*',
        'event',
        JSON.stringify(event(1)),
        'stream',
        stream,
        'group',
        group,
        'error',
        'no',
      );
    await add('one');
    const run = async (...words: string[]): Promise<string> => {
      const env = { ...process.env, DATABASE_URL: database.url, REDIS_URL: own.url };
      const { stdout } = await promisify(execFile)(process.execPath, ['scripts/dlq.ts', ...words], { env });
      return stdout;
    };
    t.regex(await run(), /scripted.*1/);
    t.regex(await run('list', stream), /one.*no/);
    const id = (await redis.xrange(`${stream}.dlq`, '-', '+'))[0]![0];
    t.regex(await run('show', stream, id), /test\.happened/);
    t.is(await run('replay', stream, id), '1 replayed.\n');
    t.is(await redis.xlen(stream), 1);
    await add('two');
    t.is(await run('drop', stream, 'all'), '1 dropped.\n');
    await t.throwsAsync(run('show', stream), { message: /Say nothing, or/ });
    await t.throwsAsync(run('show', stream, '1-1'), { message: /has no dead letter 1-1/ });
  },
);
