import { createServer, type AddressInfo } from 'node:net';
import { loadConfig } from '../platform/config/config.ts';
import { startHealthServer } from '../platform/health-server.ts';
import { type Lifecycle, runProcess } from '../platform/lifecycle.ts';
import { createLogger } from '../platform/log.ts';
import { enableTraceContext, startTelemetry } from '../platform/telemetry.ts';
import { loadWorkflowBundle } from '../temporal/bundle.ts';
import { createDataConverter } from '../temporal/client.ts';
import { installTemporalRuntime, type Serving, startWorker } from '../temporal/worker.ts';
import { openParts, type WorkerParts } from './parts.ts';

export interface WorkerProcess {
  readonly name: string;
  /** The task queues this process serves. */
  readonly queues: readonly ((parts: WorkerParts) => Serving)[];
  /** What else runs beside the queues, in one process at a time: each holds a lease. */
  readonly loops?: readonly ((parts: WorkerParts, lifecycle: Lifecycle) => void)[];
}

/** Runs a worker process until it is told to stop: its queues, perhaps the relay, and a door for health and metrics. */
export async function runWorkers({ name, queues, loops = [] }: WorkerProcess): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLogger({ name, level: config.log.level });
  const { host, metricsPort, shutdownTimeout } = config.server;

  await runProcess(log, shutdownTimeout, async (lifecycle) => {
    enableTraceContext();
    lifecycle.onStop('telemetry', await startTelemetry(config.telemetry));
    const sdkMetrics = `127.0.0.1:${await freePort()}`;
    installTemporalRuntime(log, sdkMetrics);
    const parts = await openParts(name, config, log, lifecycle);
    for (const startLoop of loops) startLoop(parts, lifecycle);

    const worker = {
      ...config.temporal,
      dataConverter: createDataConverter(config.temporal),
      workflowBundle: await loadWorkflowBundle(),
      // Half of the time to stop: what it cuts off must still be told to Temporal.
      graceMs: shutdownTimeout / 2,
      log,
    };
    const running = queues.map((wire) => startWorker(worker, wire(parts)));
    lifecycle.onStop('workers', () => Promise.all(running.map((each) => each.stop())));

    const door = await startHealthServer({
      host,
      port: metricsPort,
      notReady: () => running.filter(({ ready }) => !ready).map(({ queue }) => queue),
      metrics: async () => (await parts.metrics.registry.metrics()) + (await readPage(`http://${sdkMetrics}/metrics`)),
    });
    lifecycle.onStop('health', () => door.close());
    log.info({ port: door.port }, 'Health and metrics listen');
  });
}

/** The SDK's metrics have a page of their own; it must be told a port, and nobody else may see it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const readPage = async (url: string): Promise<string> =>
  (await fetch(url, { signal: AbortSignal.timeout(2_000) })).text();
