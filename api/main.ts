import type { Server } from 'node:http';
import { systemClock } from '../platform/clock.ts';
import { type Config, loadConfig } from '../platform/config/config.ts';
import { type Lifecycle, runProcess } from '../platform/lifecycle.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import { createRateLimiter } from '../platform/rate-limit.ts';
import { checkRedisSafety } from '../platform/redis.ts';
import { createMetrics, enableTraceContext, startTelemetry } from '../platform/telemetry.ts';
import { watchClock } from '../services/clock-watch.ts';
import { createExchange } from '../services/exchange.ts';
import { startMarketData } from '../services/market-data/market-data.ts';
import { startOwnFeeds } from '../services/market-data/own-feeds.ts';
import { openConnections } from '../storage/connections.ts';
import { checkDatabase, checkDurability, checkMigrations } from '../storage/health.ts';
import { createDoors } from './doors.ts';
import { listen } from './listen.ts';
import { closeServer, drain } from './rest/server.ts';

const config = loadConfig(process.env);
const log = createLogger({ name: 'api', level: config.log.level });

await runProcess(log, config.server.shutdownTimeout, (lifecycle) => start(config, log, lifecycle));

async function start(config: Config, log: Logger, lifecycle: Lifecycle): Promise<void> {
  const { server } = config;
  enableTraceContext();
  lifecycle.onStop('telemetry', await startTelemetry(config.telemetry));
  const { db, redis } = openConnections('api', config, log, lifecycle);

  const metrics = createMetrics();
  const clockWatch = watchClock({ db, log, metrics, now: Date.now });
  lifecycle.onStop('clock watch', clockWatch.stop);
  const exchange = await createExchange({ config, log, clock: systemClock, db, redis });
  const marketData = startMarketData({ db, redis, log, clock: systemClock });
  lifecycle.onStop('market data', marketData.stop);
  const ownFeeds = startOwnFeeds({ redis, log, now: Date.now });
  lifecycle.onStop('own feeds', ownFeeds.stop);
  const doors = createDoors({
    marketData,
    ownFeeds,
    config,
    log,
    exchange,
    metrics,
    requireRightTime: clockWatch.requireRightTime,
    limiter: createRateLimiter({ redis, processes: config.rateLimit.processes, now: Date.now }),
    health: {
      version: '0.1.0',
      critical: {
        postgres: () => checkDatabase(db),
        durability: () => checkDurability(db),
        migrations: () => checkMigrations(db),
        clock: async () => clockWatch.requireRightTime(),
      },
      degrading: { redis: () => redis.ping(), redisSafety: () => checkRedisSafety(redis) },
      draining: () => lifecycle.stopping,
    },
  });

  const opened: Server[] = [];
  async function open(name: string, door: Server, wanted: number, host: string): Promise<void> {
    const port = await listen(door, wanted, host);
    opened.push(door);
    lifecycle.onStop(name, () => closeServer(door));
    log.info({ component: name, port, address: host }, 'A door listens');
  }
  const { codecHost, codecPort } = config.temporal;
  if (doors.codec !== undefined) await open('codec server', doors.codec, codecPort, codecHost);
  await open('internal REST', doors.internal, server.adminPort, server.host);
  await open('REST', doors.public, server.port, server.host);
  lifecycle.onStop('WebSocket', () => doors.webSocket.close());
  const grpcPort = await doors.grpc.listen(server.grpcPort, server.host);
  lifecycle.onStop('gRPC', () => doors.grpc.close());
  log.info({ component: 'gRPC', port: grpcPort, address: server.host }, 'A door listens');
  lifecycle.onStop('drain', () => drain(opened, server.drainTime));
}
