import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../storage/db.ts';
import { asRoot, needed } from './privileged.ts';
import { until } from './until.ts';

export interface Tracing {
  /** What was traced so far, a line each. */
  readonly lines: () => readonly string[];
  /** Lets the processes go. */
  readonly stop: () => Promise<void>;
}

/**
 * Traces PostgreSQL's running processes of a kind (a condition on pg_stat_activity) by `strace`, none of those started
 * later. `what` are its options: which calls, and perhaps what shall become of them. Needs to be root, or sudo.
 */
export async function traceServer(db: Database, condition: string, what: readonly string[]): Promise<Tracing> {
  const rows = await db.many<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND (${condition})`,
  );
  const file = join(tmpdir(), `pandora-strace-${process.pid}-${performance.now()}`);
  const [command, args] = asRoot(needed('strace'), [
    ...what,
    '-o',
    file,
    ...rows.flatMap(({ pid }) => ['-p', String(pid)]),
  ]);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const endWithUs = (): void => void child.kill();
  process.once('exit', endWithUs);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => {
    // By itself when no traced process is left.
    child.once('close', () => {
      process.off('exit', endWithUs);
      rmSync(file, { force: true });
      resolve();
    });
  });
  await until(() => said.split(' attached').length > rows.length || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(`strace ended: ${said}`);
  return {
    lines: () => readFileSync(file, 'utf8').trimEnd().split('\n'),
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}
