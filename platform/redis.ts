import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from './log.ts';

/**
 * Opens a connection that reconnects for ever. Commands fail at once while Redis is away (`maxRetriesPerRequest: 0`),
 * so that a request can answer 503 instead of waiting; `blocking` connections, used by stream readers, wait instead.
 */
export function openRedis(
  url: string,
  log: Logger,
  options: RedisOptions & { readonly blocking?: boolean } = {},
): Redis {
  const { blocking = false, ...more } = options;
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: blocking,
    maxRetriesPerRequest: blocking ? null : 0,
    connectTimeout: 2_000,
    // A connection without any answer for so long is made anew: nobody might ever say that its other end is gone.
    socketTimeout: 3_000,
    ...(blocking ? {} : { commandTimeout: 2_000 }),
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 1_000),
    reconnectOnError: (error) => (/^(READONLY|LOADING)/.test(error.message) ? 2 : false),
    ...more,
  });
  redis.on('error', (err: unknown) => log.warn({ err, component: 'redis' }, 'Redis connection trouble'));
  // ioredis forgets to: the timer of a connection that was lost would end the one after it.
  const inside = redis as unknown as { socketTimeoutTimer?: NodeJS.Timeout | undefined };
  redis.on('close', () => {
    clearTimeout(inside.socketTimeoutTimer);
    inside.socketTimeoutTimer = undefined;
  });
  // Being away at start is no reason to die: the connection comes up when Redis does.
  redis.connect().catch(() => undefined);
  return redis;
}

/**
 * Throws when Redis may drop what it was given, or takes nothing more. Whoever runs it may have forbidden CONFIG: then
 * only what INFO tells is judged.
 */
export async function checkRedisSafety(redis: Redis): Promise<void> {
  const info = `${await redis.info('memory')}${await redis.info('persistence')}`;
  const config = ((await redis.config('GET', 'appendfsync').catch(() => [])) as readonly string[]).join(':');
  const unsafe = [
    ...(/^maxmemory_policy:(?!noeviction)\S+/m.exec(info) ?? []),
    ...(/^(?:aof_last_write_status|rdb_last_bgsave_status):err/m.exec(info) ?? []),
    ...(/^appendfsync:no$/.exec(config) ?? []),
  ];
  if (unsafe.length > 0) throw new Error(`Redis is not safe: ${unsafe.join(', ')}`);
}
