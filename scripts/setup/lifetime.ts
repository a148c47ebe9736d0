import type { Leash } from './processes.ts';
import { messageOf, say } from './progress.ts';

export interface Lifetime {
  /** Remembers what has to be stopped; the last one is stopped first. */
  readonly stopLater: (stop: () => Promise<void>) => void;
  /** Stops everything. Called twice, the second call waits for the first. */
  readonly stopAll: () => Promise<void>;
}

/** Just below the 40 s after which a supervisor loses patience; what is left then is ended by the leash. */
const patienceMs = 35_000;

/**
 * Stops what was started when the process is told to end: SIGINT, SIGTERM, SIGHUP, or the end of the process that
 * started it. A Ctrl-C often arrives more than once (terminal, npm, bootstrap); the first one counts.
 */
export function stopOnSignal(leash: Leash, exitCode = 0): Lifetime {
  const stops: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const stopInOrder = async () => {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
      await stop().catch((error: unknown) => say(`Stopping: ${messageOf(error)}`));
    }
    leash.close();
  };
  const stopAll = () => (stopping ??= stopInOrder());
  const end = () => {
    if (stopping !== undefined) return;
    say('Stopping.');
    setTimeout(() => process.exit(1), patienceMs).unref();
    void stopAll().then(() => process.exit(exitCode));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  process.on('disconnect', end);
  process.channel?.unref();
  return { stopLater: (stop) => stops.push(stop), stopAll };
}
