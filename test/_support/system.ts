import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/setup/ports.ts';
import { createLeash, type Running, untilReady } from '../../scripts/setup/processes.ts';
import type { Database } from '../../storage/db.ts';
import { setUpTemporal } from '../../temporal/setup.ts';
import { createTestDatabase } from './database.ts';
import { createTestRedis } from './redis.ts';
import { createTestNamespace, type TestNamespace } from './temporal.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The exchange's own processes, and the environment variable that says where each answers `/health/ready`. */
const apps = {
  mail: { entry: 'gateways/mail/catcher-main.ts', readyPort: 'MAIL_INBOX_PORT' },
  workers: { entry: 'workers/all.ts', readyPort: 'WORKERS_PORT' },
  api: { entry: 'api/main.ts', readyPort: 'SERVER_PORT' },
} as const;

export type AppName = keyof typeof apps;

/** A whole exchange of its own: real processes over a database, a Redis and a Temporal namespace nobody else uses. */
export interface System {
  readonly db: Database;
  readonly temporal: TestNamespace;
  readonly rest: string;
  readonly internal: string;
  readonly grpc: string;
  readonly inbox: string;
  readonly env: Readonly<Record<string, string>>;
  /** Kills a process as a crash would, without a chance to say goodbye. */
  readonly kill: (app: AppName) => Promise<void>;
  /** Stops a process as a deployment would: SIGTERM, and time to finish. Answers how it ended. */
  readonly stopApp: (app: AppName) => Promise<string>;
  readonly start: (app: AppName) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const portNames = [
  'SERVER_PORT',
  'ADMIN_PORT',
  'GRPC_PORT',
  'SMTP_PORT',
  'MAIL_INBOX_PORT',
  'WORKERS_PORT',
  'TEMPORAL_CODEC_PORT',
] as const;

/** Starts the exchange. Limits are off and password hashes cheap unless `env` says otherwise. `stop` it at the end. */
export async function startSystem(env: Readonly<Record<string, string>> = {}): Promise<System> {
  const [database, redis, temporal] = await Promise.all([
    createTestDatabase(),
    createTestRedis(),
    createTestNamespace(),
  ]);
  await setUpTemporal({ address: temporal.address, namespace: temporal.namespace, retentionDays: 1 });
  const ports = Object.fromEntries(
    await Promise.all(portNames.map(async (name) => [name, await freePort(0)] as const)),
  );
  const all = environment(ports, { database, redis, temporal }, env);
  const leash = createLeash();
  const logs = mkdtempSync(join(tmpdir(), 'pandora-test-'));
  const running = new Map<AppName, Running>();

  async function start(app: AppName): Promise<void> {
    const { entry, readyPort } = apps[app];
    const logFile = join(logs, `${app}.log`);
    const options = { name: app, command: process.execPath, args: [entry], cwd: root, logFile, stopSignal: 'SIGTERM' };
    const started = leash.spawn({
      ...options,
      stopSignal: 'SIGTERM',
      stopWithinMs: 30_000,
      env: { ...process.env, ...all },
    });
    running.set(app, started);
    const url = `http://127.0.0.1:${all[readyPort]}/health/ready`;
    await untilReady(app, started, logFile, () => answersOk(url), 60_000);
  }

  async function stopApp(app: AppName): Promise<string> {
    const found = running.get(app);
    running.delete(app);
    await found?.stop();
    return found === undefined ? 'not running' : found.ended;
  }

  for (const app of Object.keys(apps) as AppName[]) await start(app);
  return {
    db: database.db,
    temporal,
    rest: `http://127.0.0.1:${ports['SERVER_PORT']}`,
    internal: `http://127.0.0.1:${ports['ADMIN_PORT']}`,
    grpc: `127.0.0.1:${ports['GRPC_PORT']}`,
    inbox: `http://127.0.0.1:${ports['MAIL_INBOX_PORT']}`,
    env: all,
    start,
    stopApp,
    async kill(app) {
      const found = running.get(app);
      if (found === undefined) return;
      running.delete(app);
      process.kill(found.pid, 'SIGKILL');
      await found.ended;
    },
    async stop() {
      for (const app of [...running.keys()].reverse()) await stopApp(app);
      leash.close();
      await Promise.all([database.drop(), redis.drop(), temporal.close()]);
    },
  };
}

interface Services {
  readonly database: { readonly url: string };
  readonly redis: { readonly url: string };
  readonly temporal: TestNamespace;
}

const environment = (
  ports: Readonly<Record<string, number>>,
  { database, redis, temporal }: Services,
  env: Readonly<Record<string, string>>,
): Record<string, string> => ({
  APP_ENV: 'dev',
  LOG_LEVEL: 'info',
  DATABASE_URL: database.url,
  REDIS_URL: redis.url,
  TEMPORAL_ADDRESS: temporal.address,
  TEMPORAL_NAMESPACE: temporal.namespace,
  RATE_LIMIT_ENABLED: 'false',
  ARGON2_MEMORY_KIB: '1024',
  ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
  SMTP_URL: `smtp://127.0.0.1:${ports['SMTP_PORT']}`,
  METRICS_PORT: String(ports['WORKERS_PORT']),
  ...env,
});

async function answersOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}.`);
}
