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
    ...(blocking ? {} : { commandTimeout: 2_000 }),
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 1_000),
    reconnectOnError: (error) => (/^(READONLY|LOADING)/.test(error.message) ? 2 : false),
    ...more,
  });
  redis.on('error', (err: unknown) => log.warn({ err, component: 'redis' }, 'Redis connection trouble'));
  // Being away at start is no reason to die: the connection comes up when Redis does.
  redis.connect().catch(() => undefined);
  return redis;
}
