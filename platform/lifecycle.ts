import type { Logger } from './log.ts';

export interface Lifecycle {
  /** Says how to stop what was just started. Parts stop in reverse order of registration. */
  onStop(name: string, stop: () => Promise<unknown>): void;
  readonly stopping: boolean;
  /** Stops everything, once; later calls wait for the first. Resolves to false when a part failed or time ran out. */
  stop(): Promise<boolean>;
}

/** Ordered start and reverse-ordered stop of one process's parts. */
export function createLifecycle(log: Logger, timeoutMs: number): Lifecycle {
  const parts: { name: string; stop: () => Promise<unknown> }[] = [];
  let stopped: Promise<boolean> | undefined;

  async function stopAll(): Promise<boolean> {
    let clean = true;
    for (const { name, stop } of parts.reverse()) {
      try {
        await stop();
      } catch (err) {
        clean = false;
        log.error({ err, component: name }, 'A part did not stop cleanly');
      }
    }
    return clean;
  }

  return {
    onStop(name, stop) {
      parts.push({ name, stop });
    },
    get stopping() {
      return stopped !== undefined;
    },
    stop() {
      stopped ??= withTimeout(stopAll(), timeoutMs);
      return stopped;
    },
  };
}

async function withTimeout(work: Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs a process: `start` builds its parts, SIGTERM and SIGINT stop them, and the process exits 0 only after a clean
 * stop. A part that cannot start, or an error nobody caught, ends the process: its supervisor starts it anew.
 */
export async function runProcess(
  log: Logger,
  timeoutMs: number,
  start: (lifecycle: Lifecycle) => Promise<void>,
): Promise<void> {
  const lifecycle = createLifecycle(log, timeoutMs);
  const end = async (code: number): Promise<void> => {
    const clean = await lifecycle.stop();
    process.exit(clean ? code : 1);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'Stopping');
      void end(0);
    });
  }
  process.on('uncaughtException', (err) => {
    log.error({ err }, 'An error nobody caught');
    void end(1);
  });
  try {
    await start(lifecycle);
    log.info({}, 'Started');
  } catch (err) {
    log.error({ err }, 'Could not start');
    await end(1);
  }
}
