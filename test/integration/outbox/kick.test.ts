import test from 'ava';
import { createKick, listenForKicks } from '../../../services/outbox/kick.ts';
import { createTestRedis } from '../../_support/redis.ts';
import { until } from '../../_support/until.ts';

test('kick: from one process, rings in another, and many at once travel as one', async (t) => {
  const { redis, drop } = await createTestRedis();
  const subscriber = redis.duplicate();
  t.teardown(async () => {
    subscriber.disconnect();
    await drop();
  });
  let kicks = 0;
  listenForKicks(subscriber, { kick: () => (kicks += 1) });
  const kick = createKick(redis);
  await until(() => {
    kick();
    return kicks > 0;
  });
  const before = kicks;
  for (let n = 0; n < 100; n += 1) kick();
  await until(() => kicks > before);
  t.true(kicks < before + 5, `${kicks - before} arrived`);
});

test('kick: Redis is away, nothing is thrown', async (t) => {
  const { redis, drop } = await createTestRedis();
  await drop();
  t.notThrows(createKick(redis));
});
