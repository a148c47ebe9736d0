import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './once.mjs';
import { dataFolder } from './paths.ts';
import { SetUpError } from './progress.ts';

/** Where the running system says what it is: read by the scripts that talk to it. */
const runFile = join(dataFolder, 'run.json');

export interface RunningSystem {
  readonly pid: number;
  /** False while it starts. */
  readonly ready: boolean;
  /** The environment its processes got: addresses and secrets. */
  readonly env: Readonly<Record<string, string>>;
}

/** The system that `make run` or `make dev-up` runs in this checkout, or undefined. */
export function findRunning(): RunningSystem | undefined {
  if (!existsSync(runFile)) return undefined;
  const found = JSON.parse(readFileSync(runFile, 'utf8')) as RunningSystem;
  return isAlive(found.pid) ? found : undefined;
}

/** The same, and a sentence that says what to do when nothing is running. */
export function requireRunning(): RunningSystem {
  const found = findRunning();
  if (found?.ready !== true)
    throw new SetUpError('Nothing is running here. Start it with `make run` or `make dev-up`.');
  return found;
}

export function announce(system: RunningSystem): void {
  mkdirSync(dataFolder, { recursive: true });
  writeFileSync(runFile, JSON.stringify(system, null, 2), { mode: 0o600 });
}

export function withdraw(): void {
  rmSync(runFile, { force: true });
}
