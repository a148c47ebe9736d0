import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './commands.ts';
import { dataFolder, root } from './paths.ts';
import { untilReady, type Leash, type Running } from './processes.ts';
import { say } from './progress.ts';

/** A process of the exchange that `make run` keeps running. */
export interface App {
  readonly name: string;
  /** The file Node runs, from the top of the checkout. */
  readonly entry: string;
  /** What it gets besides the environment of all. */
  readonly env?: Readonly<Record<string, string>>;
  /** Answers 200 when the process is ready. */
  readonly readyUrl: string;
  /** What is shown at the end: label and address. */
  readonly addresses?: readonly (readonly [string, string])[];
}

export interface KeptApp {
  readonly stop: () => Promise<void>;
}

const firstWaitMs = 500;
const longestWaitMs = 10_000;
/** A process that ran for so long was healthy: its next restart is quick again. */
const healthyAfterMs = 30_000;

/**
 * How Node runs the exchange's processes, as the image does: most of what a request allocates is garbage soon after,
 * and a young generation of 64 MiB lets it die there instead of being copied to the old one. That Node calls taking
 * types out of TypeScript an experiment is no news in every log.
 */
export const nodeFlags = ['--max-semi-space-size=64', '--disable-warning=ExperimentalWarning'] as const;

/**
 * Starts an app, waits until it is ready, and from then on starts it again whenever it ends, later each time.
 * Throws when it does not become ready at first. Its log is .data/logs/<name>.log; errors are shown in short as well.
 */
export async function keepApp(leash: Leash, app: App, env: NodeJS.ProcessEnv): Promise<KeptApp> {
  const logFile = join(dataFolder, 'logs', `${app.name}.log`);
  const stopping = new AbortController();
  const start = (): Running =>
    leash.spawn({
      name: app.name,
      command: process.execPath,
      args: [...nodeFlags, app.entry],
      cwd: root,
      env: { ...env, ...app.env },
      logFile,
      onLine: (line) => showError(app.name, line),
      stopSignal: 'SIGTERM',
      stopWithinMs: 30_000,
    });
  say(`${app.name}: starting.`);
  const first = start();
  await untilReady(app.name, first, logFile, () => ask(app.readyUrl), 60_000);
  const keeping = keepRunning(app.name, first, start, stopping.signal);
  return {
    stop: () => {
      stopping.abort();
      return keeping;
    },
  };
}

/** Follows a process until `stopping`, starting it again whenever it ends by itself; then stops it. */
async function keepRunning(name: string, first: Running, start: () => Running, stopping: AbortSignal): Promise<void> {
  const told = new Promise<undefined>((resolve) => stopping.addEventListener('abort', () => resolve(undefined)));
  let running = first;
  let waitMs = firstWaitMs;
  for (;;) {
    const since = Date.now();
    const how = await Promise.race([running.ended, told]);
    if (how === undefined) return running.stop();
    if (Date.now() - since > healthyAfterMs) waitMs = firstWaitMs;
    say(`${name}: ended (${how}), starting again in ${waitMs / 1000} s. Its log is in ${join(dataFolder, 'logs')}.`);
    await Promise.race([sleep(waitMs), told]);
    if (stopping.aborted) return;
    waitMs = Math.min(waitMs * 2, longestWaitMs);
    running = start();
  }
}

async function ask(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}.`);
}

/** Logs are JSON with bunyan's levels; 50 is an error. What is no JSON is a crash talking. */
function showError(name: string, line: string): void {
  const entry = parseEntry(line);
  if (entry === undefined) say(`${name}: ${line}`);
  else if (entry.level >= 50) say(`${name}: ${entry.msg}`);
}

function parseEntry(line: string): { level: number; msg: string } | undefined {
  try {
    const { level, msg } = JSON.parse(line) as { level?: unknown; msg?: unknown };
    return typeof level === 'number' && typeof msg === 'string' ? { level, msg } : undefined;
  } catch {
    return undefined;
  }
}

/** Something that runs to its end between the apps, such as seeding. */
export interface Task {
  readonly name: string;
  readonly entry: string;
  /** Shows what it printed among the addresses at the end. */
  readonly shown?: boolean;
}

/** Runs a task and answers the lines it printed. */
export async function runTask(task: Task, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  say(`${task.name}: running.`);
  const output = await run(process.execPath, [task.entry], { cwd: root, env });
  return output.trimEnd().split('\n');
}
