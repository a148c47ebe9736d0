import type { DataConverter, LogMetadata } from '@temporalio/common';
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import type { TaskQueue } from '../domain/processes.ts';
import type { Logger } from '../platform/log.ts';
import { pause } from '../platform/wait.ts';
import { createActivityInterceptors } from './interceptors/activity.ts';

export interface WorkerDeps {
  readonly address: string;
  readonly namespace: string;
  readonly dataConverter: DataConverter;
  readonly workflowBundle: NonNullable<WorkerOptions['workflowBundle']>;
  readonly maxCachedWorkflows: number;
  /** How long running activities may go on after a stop was asked for. */
  readonly graceMs: number;
  readonly log: Logger;
}

/** What a worker serves: the workflows of its queue (all are in the bundle) and these activities. */
export interface Serving {
  readonly queue: TaskQueue;
  readonly activities: object;
}

export interface RunningWorker {
  readonly queue: TaskQueue;
  /** True once it polls. */
  readonly ready: boolean;
  /** Takes nothing new, lets what runs finish, and ends. */
  stop(): Promise<void>;
}

/** Sends the SDK's own log lines to ours, and its metrics to a Prometheus page. Once a process, before any worker. */
export function installTemporalRuntime(log: Logger, metricsAddress: string): void {
  const names = { error: 'err', workflowId: 'workflow_id', taskQueue: 'task_queue', state: 'state' };
  const fields = (meta: LogMetadata = {}): object =>
    Object.fromEntries(
      Object.entries(names).flatMap(([theirs, ours]) => (theirs in meta ? [[ours, meta[theirs]]] : [])),
    );
  const write = { TRACE: 'debug', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  Runtime.install({
    logger: {
      log: (level, message, meta) => log[write[level]](fields(meta), message),
      trace: () => undefined,
      debug: () => undefined,
      info: (message, meta) => log.debug(fields(meta), message),
      warn: (message, meta) => log.warn(fields(meta), message),
      error: (message, meta) => log.error(fields(meta), message),
    },
    // The process' own lifecycle stops workers, in its order.
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      metrics: { prometheus: { bindAddress: metricsAddress } },
    },
  });
}

/**
 * Serves one task queue until stopped. Temporal may be away at start or later: it is asked again every second, since a
 * worker that gives up for good would need a person.
 */
export function startWorker(deps: WorkerDeps, { queue, activities }: Serving): RunningWorker {
  const log = deps.log.child({ task_queue: queue });
  const stopping = new AbortController();
  let worker: Worker | undefined;

  async function serveOnce(): Promise<void> {
    const connection = await NativeConnection.connect({ address: deps.address });
    try {
      worker = await Worker.create({
        connection,
        namespace: deps.namespace,
        taskQueue: queue,
        dataConverter: deps.dataConverter,
        workflowBundle: deps.workflowBundle,
        activities,
        interceptors: { activity: [createActivityInterceptors(log)] },
        maxCachedWorkflows: deps.maxCachedWorkflows,
        shutdownGraceTime: deps.graceMs,
      });
      if (!stopping.signal.aborted) await worker.run();
    } finally {
      worker = undefined;
      await connection.close();
    }
  }

  async function serve(): Promise<void> {
    while (!stopping.signal.aborted) {
      await serveOnce().catch((err: unknown) => log.warn({ err }, 'Cannot serve the task queue; trying again'));
      await pause(1_000, stopping.signal);
    }
  }

  const serving = serve();
  return {
    queue,
    get ready() {
      return worker?.getState() === 'RUNNING';
    },
    async stop() {
      stopping.abort();
      if (worker?.getState() === 'RUNNING') worker.shutdown();
      await serving;
    },
  };
}
