import { setTimeout as sleep } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { Redis } from 'ioredis';
import { createRateLimiter } from '../../../platform/rate-limit.ts';
import { createTestRedis, type TestRedis } from '../../_support/redis.ts';

const test = anyTest as TestFn<{ redis: TestRedis }>;

test.before(async (t) => {
  t.context = { redis: await createTestRedis() };
});
test.after.always(({ context }) => context.redis.drop());

const rule = (name: string, limit: number, windowSeconds = 60) => ({ name, limit, windowSeconds });

test('rate limit: as many as the limit, allowed, and the next refused without being counted', async (t) => {
  const limiter = createRateLimiter({ redis: t.context.redis.redis, processes: 1, now: Date.now });
  const five = rule('five', 5);
  const answers = await Promise.all(Array.from({ length: 8 }, () => limiter.take(five, 'alice', 1)));
  t.is(answers.filter(({ allowed }) => allowed).length, 5);
  const refused = await limiter.take(five, 'alice', 1);
  t.like(refused, { allowed: false, remaining: 0, limit: 5, windowSeconds: 60 });
  t.true(refused.resetSeconds > 0 && refused.resetSeconds <= 60);
  t.true((await limiter.take(five, 'bob', 1)).allowed);
});

test('rate limit: a cost above what is left, refused whole', async (t) => {
  const limiter = createRateLimiter({ redis: t.context.redis.redis, processes: 1, now: Date.now });
  const ten = rule('ten', 10);
  t.like(await limiter.take(ten, 'alice', 7), { allowed: true, remaining: 3 });
  t.like(await limiter.take(ten, 'alice', 4), { allowed: false, remaining: 3 });
  t.like(await limiter.take(ten, 'alice', 3), { allowed: true, remaining: 0 });
});

test('rate limit: two processes, one limit between them', async (t) => {
  const other = new Redis(t.context.redis.url);
  const limiters = [t.context.redis.redis, other].map((redis) =>
    createRateLimiter({ redis, processes: 2, now: Date.now }),
  );
  const shared = rule('shared', 6);
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => limiters[n % 2]!.take(shared, 'alice', 1)));
  t.is(answers.filter(({ allowed }) => allowed).length, 6);
  other.disconnect();
});

test('rate limit: the window passes, allowed again', async (t) => {
  const limiter = createRateLimiter({ redis: t.context.redis.redis, processes: 1, now: Date.now });
  const short = rule('short', 3, 1);
  for (let n = 0; n < 3; n += 1) await limiter.take(short, 'alice', 1);
  t.false((await limiter.take(short, 'alice', 1)).allowed);
  await sleep(2_000);
  t.true((await limiter.take(short, 'alice', 1)).allowed);
});

test('rate limit: Redis is away, each process allows its share and never none', async (t) => {
  const redis = new Redis({ port: 1, lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  let now = 0;
  const limiter = createRateLimiter({ redis, processes: 4, now: () => now });
  const twenty = rule('twenty', 20);
  const answers = await Promise.all(Array.from({ length: 9 }, () => limiter.take(twenty, 'alice', 1)));
  t.is(answers.filter(({ allowed }) => allowed).length, 5);
  t.true((await limiter.take(rule('one', 1), 'alice', 1)).allowed);
  now = 60_000;
  t.true((await limiter.take(twenty, 'alice', 1)).allowed);
  redis.disconnect();
});
