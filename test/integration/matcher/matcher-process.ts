import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { servers } from '../../_support/servers.ts';
import type { Kit } from './kit.ts';

/** The matcher as it runs in production, on this test's database and Redis. */
export function spawnMatcher(t: ExecutionContext, { database, redis }: Kit): ChildProcess {
  const child = spawn(process.execPath, ['matcher/main.ts'], {
    env: {
      ...process.env,
      APP_ENV: 'dev',
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      TEMPORAL_ADDRESS: servers.temporalAddress(),
      LOG_LEVEL: 'fatal',
    },
    stdio: 'ignore',
  });
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return child;
}
