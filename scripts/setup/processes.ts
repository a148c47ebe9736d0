import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { messageOf, SetUpError } from './progress.ts';

export interface SpawnOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Told each line that also goes to the log. */
  readonly onLine?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What asks it to stop; it gets SIGKILL when it has not ended after `stopWithinMs`. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopWithinMs?: number;
}

export interface Running {
  readonly pid: number;
  /** Resolves with a sentence about how it ended. */
  readonly ended: Promise<string>;
  readonly stop: () => Promise<void>;
}

/** A server that is ready, ours or somebody else's. */
export interface Server {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts processes that never outlive this one, however it ends. Close it last. */
export interface Leash {
  readonly spawn: (options: SpawnOptions) => Running;
  /** Takes on a process started in another way: when we die it gets the signal, and then its session SIGKILL. */
  readonly hold: (child: ChildProcess, signal: NodeJS.Signals) => void;
  readonly close: () => void;
}

/** Starts the guard process of `leash.ts`. Everything spawned is in a session of its own, so Ctrl-C reaches only us. */
export function createLeash(): Leash {
  const file = fileURLToPath(new URL('leash.ts', import.meta.url));
  const guard = spawn(process.execPath, [file], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  const input = guard.stdin;
  // A guard that was killed must not take the servers' owner with it.
  input.on('error', () => undefined);
  const hold = (child: ChildProcess, signal: NodeJS.Signals): void => {
    const { pid } = child;
    if (pid === undefined) throw new SetUpError(`${child.spawnfile} cannot be started.`);
    input.write(`hold ${pid} ${signal}\n`);
    child.once('exit', () => input.write(`drop ${pid}\n`));
  };
  return {
    hold,
    spawn: (options) => {
      const child = spawnLogged(options);
      hold(child, options.stopSignal);
      const ended = new Promise<string>((resolve) => {
        child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code ?? '?'}` : signal));
      });
      return { pid: child.pid ?? 0, ended, stop: () => stopChild(child, options, ended) };
    },
    close: () => input.end(),
  };
}

function spawnLogged(options: SpawnOptions): ChildProcess {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(options.command, options.args, {
      env: options.env ?? process.env,
      cwd: options.cwd,
      stdio: options.onLine === undefined ? ['ignore', log, log] : ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...options.user,
    });
    child.on('error', () => undefined);
    followLines(child, options);
    return child;
  } finally {
    closeSync(log);
  }
}

function followLines(child: ChildProcess, { onLine, logFile }: SpawnOptions): void {
  if (onLine === undefined) return;
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      appendFileSync(logFile, `${line}\n`);
      onLine(line);
    });
  }
}

async function stopChild(child: ChildProcess, options: SpawnOptions, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(options.stopSignal);
  const timer = setTimeout(() => child.kill('SIGKILL'), options.stopWithinMs ?? 10_000);
  await ended;
  clearTimeout(timer);
}

/** Calls `probe` until it succeeds. Throws with the log's place when the process ends first or the time is over. */
export async function untilReady(
  name: string,
  running: Running,
  logFile: string,
  probe: () => Promise<unknown>,
  withinMs: number,
): Promise<void> {
  const state = { end: undefined as string | undefined };
  void running.ended.then((how) => (state.end = how));
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      await probe();
      return;
    } catch (error) {
      if (state.end !== undefined) throw new SetUpError(`${name} ended at once (${state.end}). See ${logFile}.`);
      if (Date.now() > deadline) {
        await running.stop();
        throw new SetUpError(`${name} is not ready after ${withinMs / 1000} s: ${messageOf(error)} See ${logFile}.`);
      }
      await sleep(100);
    }
  }
}
