import { createHash, timingSafeEqual } from 'node:crypto';
import { createOpenApi } from '../contract/openapi.ts';
import { publicOperations } from '../contract/operations.ts';
import { systemClock } from '../platform/clock.ts';
import { type Config, databaseUrl, loadConfig, redisUrl } from '../platform/config/config.ts';
import { type Lifecycle, runProcess } from '../platform/lifecycle.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import { createRateLimiter } from '../platform/rate-limit.ts';
import { openRedis } from '../platform/redis.ts';
import { createMetrics, enableTraceContext, startTelemetry } from '../platform/telemetry.ts';
import { createExchange } from '../services/exchange.ts';
import { openDatabase } from '../storage/db.ts';
import { checkDatabase, checkDurability, checkMigrations } from '../storage/health.ts';
import type { LimitRules } from './rest/admission.ts';
import { createDocsRoutes } from './rest/docs.ts';
import { createDoor } from './rest/door.ts';
import { createAuthHandlers } from './rest/handlers/auth.ts';
import { createHealthRoutes } from './rest/health.ts';
import { createHttpMetrics } from './rest/middleware/observe.ts';
import { closeServer, createRestServer, listen } from './rest/server.ts';

const config = loadConfig(process.env);
const log = createLogger({ name: 'api', level: config.log.level });

await runProcess(log, config.server.shutdownTimeout, (lifecycle) => start(config, log, lifecycle));

async function start(config: Config, log: Logger, lifecycle: Lifecycle): Promise<void> {
  const { server } = config;
  enableTraceContext();
  lifecycle.onStop('telemetry', await startTelemetry(config.telemetry));
  const { db, close } = openDatabase({
    connectionString: databaseUrl(config),
    poolSize: config.database.poolSize,
    applicationName: 'api',
    statementTimeoutMs: config.database.statementTimeout,
  });
  lifecycle.onStop('postgres', close);
  const redis = openRedis(redisUrl(config), log);
  lifecycle.onStop('redis', async () => redis.disconnect());

  const exchange = await createExchange({ config, log, clock: systemClock, db, redis });
  const metrics = createMetrics();
  const httpMetrics = createHttpMetrics(metrics);
  const serviceToken = digest(config.auth.serviceToken.reveal());
  const door = {
    authenticate: exchange.identity.authenticate,
    isServiceToken: (token: string) => timingSafeEqual(digest(token), serviceToken),
    limiter: createRateLimiter({ redis, processes: config.rateLimit.processes, now: Date.now }),
    rules: limitRules(config),
    trustedProxies: new Set(server.trustedProxies),
    idempotency: exchange.idempotency,
  };
  const health = {
    version: '0.1.0',
    critical: {
      postgres: () => checkDatabase(db),
      durability: () => checkDurability(db),
      migrations: () => checkMigrations(db),
    },
    degrading: { redis: () => redis.ping() },
    draining: () => lifecycle.stopping,
    log,
  };
  const common = {
    log,
    newId: exchange.newId,
    metrics: httpMetrics,
    corsOrigins: server.corsOrigins,
    requestTimeoutMs: server.requestTimeout,
  };
  const publicServer = createRestServer({
    ...common,
    routers: [
      createHealthRoutes({ ...health, registry: config.env === 'dev' ? metrics.registry : undefined }),
      createDocsRoutes(createOpenApi('Pandora Exchange', publicOperations), exchange.jwks),
      createDoor(publicOperations, createAuthHandlers(exchange.identity), door),
    ],
  });
  const internalServer = createRestServer({
    ...common,
    routers: [createHealthRoutes({ ...health, registry: metrics.registry })],
  });
  const port = await listen(publicServer, server.port, server.host);
  lifecycle.onStop('rest', () => closeServer(publicServer));
  const adminPort = await listen(internalServer, server.adminPort, server.host);
  lifecycle.onStop('internal rest', () => closeServer(internalServer));
  log.info({ port, address: server.host }, 'REST listens');
  log.info({ port: adminPort, address: server.host }, 'Internal REST listens');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function limitRules({ rateLimit }: Config): LimitRules {
  return {
    enabled: rateLimit.enabled,
    anonymous: { name: 'anonymous', limit: rateLimit.anonymousPerMinute, windowSeconds: 60 },
    general: { name: 'general', limit: rateLimit.userPerMinute, windowSeconds: 60 },
    orders: { name: 'orders', limit: rateLimit.ordersPerSecond, windowSeconds: 1 },
    cancels: { name: 'cancels', limit: rateLimit.cancelsPerSecond, windowSeconds: 1 },
  };
}
