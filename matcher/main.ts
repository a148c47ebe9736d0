import { hostname } from 'node:os';
import { systemClock } from '../platform/clock.ts';
import { type Config, loadConfig, redisUrl } from '../platform/config/config.ts';
import { startHealthServer } from '../platform/health-server.ts';
import { createIds } from '../platform/ids.ts';
import { type Lifecycle, runProcess } from '../platform/lifecycle.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import { openRedis } from '../platform/redis.ts';
import { createMetrics, enableTraceContext, startTelemetry } from '../platform/telemetry.ts';
import { openConnections } from '../storage/connections.ts';
import { createTemporalClient } from '../temporal/client.ts';
import { createWorkflowStarter } from '../temporal/starter.ts';
import { startMatcher } from './matcher.ts';

const config = loadConfig(process.env);
const log = createLogger({ name: 'matcher', level: config.log.level });

await runProcess(log, config.server.shutdownTimeout, (lifecycle) => start(config, log, lifecycle));

async function start(config: Config, log: Logger, lifecycle: Lifecycle): Promise<void> {
  const { host, metricsPort } = config.server;
  enableTraceContext();
  lifecycle.onStop('telemetry', await startTelemetry(config.telemetry));
  const { db, redis } = openConnections('matcher', config, log, lifecycle);
  const blocking = openRedis(redisUrl(config), log, { blocking: true });
  lifecycle.onStop('redis for waiting', async () => blocking.disconnect());
  const temporal = createTemporalClient(config.temporal);
  lifecycle.onStop('temporal client', temporal.close);

  const metrics = createMetrics();
  const matcher = startMatcher({
    db,
    redis,
    blocking,
    log,
    metrics,
    matcherId: `${hostname()}:${process.pid}:${createIds(systemClock)()}`,
    symbols: config.matcher.symbols,
    now: Date.now,
    signalWithStart: createWorkflowStarter(temporal.client).signalWithStart,
    // Whoever is fenced off has nothing left to finish: the supervisor starts it anew, and it stands by.
    onEnd(reason) {
      log.error({ err: reason }, 'The matcher ends');
      process.exit(1);
    },
  });
  lifecycle.onStop('matcher', () => matcher.stop());

  const door = await startHealthServer({
    host,
    port: metricsPort,
    notReady: () => matcher.notReady(),
    metrics: () => metrics.registry.metrics(),
  });
  lifecycle.onStop('health', () => door.close());
  log.info({ port: door.port }, 'Health and metrics listen');
}
