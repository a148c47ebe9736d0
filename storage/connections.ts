import type { Redis } from 'ioredis';
import { type Config, databaseUrl, redisUrl } from '../platform/config/config.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import type { Logger } from '../platform/log.ts';
import { openRedis } from '../platform/redis.ts';
import { type Database, openDatabase } from './db.ts';

/** Opens a process' pool and its connection to Redis, and says how they are closed. `name` is what PostgreSQL shows. */
export function openConnections(
  name: string,
  config: Config,
  log: Logger,
  lifecycle: Lifecycle,
): { readonly db: Database; readonly redis: Redis } {
  const { db, close } = openDatabase({
    connectionString: databaseUrl(config),
    poolSize: config.database.poolSize,
    applicationName: name,
    statementTimeoutMs: config.database.statementTimeout,
  });
  lifecycle.onStop('postgres', close);
  const redis = openRedis(redisUrl(config), log);
  lifecycle.onStop('redis', async () => redis.disconnect());
  return { db, redis };
}
