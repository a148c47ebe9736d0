import { Redis } from 'ioredis';
import { servers } from './servers.ts';

export interface TestRedis {
  readonly url: string;
  readonly redis: Redis;
  /** Empties the logical database and closes the connection. */
  readonly drop: () => Promise<void>;
}

/** A logical Redis database that nothing else in this run uses. `drop` it at the end. */
export async function createTestRedis(): Promise<TestRedis> {
  const counter = new Redis(servers.redisUrl());
  const number = await counter.incr('test:databases');
  counter.disconnect();
  const url = `${servers.redisUrl()}/${number}`;
  const redis = new Redis(url);
  return {
    url,
    redis,
    drop: async () => {
      await redis.flushdb();
      redis.disconnect();
    },
  };
}
