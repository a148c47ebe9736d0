/** `up` starts PostgreSQL, Redis and Temporal in the background, `down` stops them: for work on one process. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './setup/once.mjs';
import { dataFolder, root } from './setup/paths.ts';
import { reportFault, say, SetUpError } from './setup/progress.ts';
import { findRunning } from './setup/running.ts';

const logFile = join(dataFolder, 'logs', 'services.log');

async function up(): Promise<void> {
  if (findRunning() !== undefined) throw new SetUpError('It is running already.');
  mkdirSync(join(dataFolder, 'logs'), { recursive: true });
  const log = openSync(logFile, 'w', 0o600);
  const args = [join('scripts', 'run.ts'), '--services'];
  const child = spawn(process.execPath, args, { cwd: root, detached: true, stdio: ['ignore', log, log] });
  child.unref();
  say('Starting PostgreSQL, Redis and Temporal in the background.');
  while (findRunning()?.ready !== true) {
    if (child.exitCode !== null) throw new SetUpError(readFileSync(logFile, 'utf8'));
    await sleep(200);
  }
  process.stdout.write(readFileSync(logFile, 'utf8').split('\n\n').slice(1).join('\n\n'));
}

async function down(): Promise<void> {
  const running = findRunning();
  if (running === undefined) throw new SetUpError('Nothing is running.');
  process.kill(running.pid, 'SIGTERM');
  while (isAlive(running.pid)) await sleep(100);
  say('Stopped.');
}

await (process.argv[2] === 'down' ? down() : up()).catch(reportFault);
