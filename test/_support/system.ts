import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../../scripts/setup/apps.ts';
import { freePort } from '../../scripts/setup/ports.ts';
import { createLeash, type Leash, type Running, untilReady } from '../../scripts/setup/processes.ts';
import { createSeeding } from '../../services/trading/seed.ts';
import { type Database, openDatabase } from '../../storage/db.ts';
import { setUpTemporal } from '../../temporal/setup.ts';
import { createTestDatabase } from './database.ts';
import { type OwnServer, type ServerName, startOwnServer } from './own-servers.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { createTestRedis } from './redis.ts';
import { createTestNamespace, type TestNamespace } from './temporal.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const apiPorts = ['SERVER_PORT', 'ADMIN_PORT', 'GRPC_PORT', 'TEMPORAL_CODEC_PORT'] as const;

/** The exchange's processes: the ports that each has for itself, the first of which answers `/health/ready`. */
const apps = {
  mail: { entry: 'gateways/mail/catcher-main.ts', ports: ['MAIL_INBOX_PORT', 'SMTP_PORT'] },
  custody: { entry: 'gateways/custody/dev-main.ts', ports: ['CUSTODY_PORT'] },
  workers: { entry: 'workers/all.ts', ports: ['METRICS_PORT'] },
  matcher: { entry: 'matcher/main.ts', ports: ['METRICS_PORT'] },
  api: { entry: 'api/main.ts', ports: apiPorts },
  // Started when a test asks.
  matcher2: { entry: 'matcher/main.ts', ports: ['METRICS_PORT'] },
  api2: { entry: 'api/main.ts', ports: apiPorts },
} as const;

export type AppName = keyof typeof apps;
const standard: readonly AppName[] = ['mail', 'custody', 'workers', 'matcher', 'api'];

/** A whole exchange of its own: real processes over a database, a Redis and a Temporal namespace nobody else uses. */
export interface System {
  readonly db: Database;
  readonly temporal: TestNamespace;
  readonly rest: string;
  readonly internal: string;
  readonly grpc: string;
  readonly inbox: string;
  /** The second API process, once it is started. */
  readonly rest2: string;
  readonly internal2: string;
  readonly env: Readonly<Record<string, string>>;
  /** What its processes reach servers through, by `through`; the test itself reaches them directly. */
  readonly proxies: Readonly<Partial<Record<ServerName, Proxy>>>;
  /** Those of the servers that are this system's own, by `own`. */
  readonly servers: Readonly<Partial<Record<ServerName, OwnServer>>>;
  /** Kills a process as a crash would, without a chance to say goodbye. */
  readonly kill: (app: AppName) => Promise<void>;
  readonly pid: (app: AppName) => number;
  /** Sends a signal and waits for nothing. */
  readonly signal: (app: AppName, signal: NodeJS.Signals) => void;
  /** Waits until a process ends by itself, and answers how. */
  readonly ended: (app: AppName) => Promise<string>;
  /** Processes that ended and that nobody stopped or killed, and how. */
  readonly lost: () => readonly string[];
  /** Stops a process as a deployment would: SIGTERM, and time to finish. Answers how it ended. */
  readonly stopApp: (app: AppName) => Promise<string>;
  readonly start: (app: AppName, options?: StartOptions) => Promise<void>;
  /** What a process logged, with what its predecessors of this name did. */
  readonly log: (app: AppName) => string;
  readonly stop: () => Promise<void>;
}

export interface StartOptions {
  /** On top of what all processes are given. */
  readonly env?: Readonly<Record<string, string>>;
  /** False: does not wait until it is ready. */
  readonly ready?: boolean;
  /** Where it logs, in place of a file of its own. */
  readonly logFile?: string;
}

export interface SystemOptions {
  /** Servers that are started for this system alone, so that the test may kill them; the run's are used otherwise. */
  readonly own?: readonly ServerName[];
  /** Servers that the processes reach through a proxy, so that the test may make trouble. */
  readonly through?: readonly ServerName[];
}

/** Starts the exchange. Limits are off and password hashes cheap unless `env` says otherwise. `stop` it at the end. */
export async function startSystem(
  env: Readonly<Record<string, string>> = {},
  { own = [], through = [] }: SystemOptions = {},
): Promise<System> {
  const leash = createLeash();
  const services = await openServices(leash, own);
  const { database, redis, temporal } = services;
  await createSeeding({ db: database.db, clock: () => new Date() })();
  await setUpTemporal({ address: temporal.address, namespace: temporal.namespace, retentionDays: 1 });
  const ports = await choosePorts();
  const { proxies, addresses } = await openProxies(services, through);
  const shared = environment({ ...ports.mail, ...ports.custody, ...ports.api }, temporal.namespace, {
    ...addresses,
    ...env,
  });
  const processes = superviseApps(leash, (app) => ({ ...shared, ...ports[app] }));
  async function stop(): Promise<void> {
    await processes.stop();
    for (const proxy of Object.values(proxies)) proxy.close();
    await Promise.all([database.drop(), redis.drop(), temporal.close()]);
    for (const server of Object.values(services.servers)) await server.drop();
    leash.close();
  }
  try {
    for (const app of standard) await processes.start(app);
  } catch (error) {
    await stop();
    throw error;
  }
  const local = (port: string | undefined): string => `http://127.0.0.1:${port}`;
  return {
    ...processes,
    db: database.db,
    temporal,
    proxies,
    servers: services.servers,
    rest: local(ports.api['SERVER_PORT']),
    internal: local(ports.api['ADMIN_PORT']),
    grpc: `127.0.0.1:${ports.api['GRPC_PORT']}`,
    inbox: local(ports.mail['MAIL_INBOX_PORT']),
    rest2: local(ports.api2['SERVER_PORT']),
    internal2: local(ports.api2['ADMIN_PORT']),
    env: shared,
    stop,
  };
}

type Ports = Readonly<Record<string, string>>;

/** Below those that the operating system gives to connections, which would take a port before its app is started. */
let nextPort = 20_000 + (process.pid % 200) * 50;

async function choosePorts(): Promise<Readonly<Record<AppName, Ports>>> {
  const chosen: [string, Ports][] = [];
  for (const [app, { ports }] of Object.entries(apps)) {
    const numbers = await Promise.all(ports.map(async (name) => [name, String(await freePort(nextPort++))] as const));
    chosen.push([app, Object.fromEntries(numbers)]);
  }
  return Object.fromEntries(chosen) as Record<AppName, Ports>;
}

type Processes = Pick<System, 'start' | 'kill' | 'pid' | 'signal' | 'ended' | 'lost' | 'stopApp' | 'log' | 'stop'>;

function superviseApps(leash: Leash, environmentOf: (app: AppName) => Readonly<Record<string, string>>): Processes {
  const logs = mkdtempSync(join(tmpdir(), 'pandora-test-'));
  const logFileOf = (app: AppName): string => join(logs, `${app}.log`);
  const running = new Map<AppName, Running>();
  const lost: string[] = [];

  async function start(app: AppName, options: StartOptions = {}): Promise<void> {
    const { entry, ports } = apps[app];
    const { ready = true, logFile = logFileOf(app) } = options;
    const chain = { CUSTODY_DEV_FILE: join(logs, 'custodian.jsonl') };
    const env: Readonly<Record<string, string>> = { ...chain, ...environmentOf(app), ...options.env };
    const started = leash.spawn({
      name: app,
      command: process.execPath,
      args: [...nodeFlags, entry],
      cwd: root,
      logFile,
      stopSignal: 'SIGTERM',
      stopWithinMs: 30_000,
      env: { ...process.env, ...env },
    });
    running.set(app, started);
    void started.ended.then((how) => {
      if (running.get(app) === started) lost.push(`${app}: ${how}`);
    });
    const url = `http://127.0.0.1:${env[ports[0]]}/health/ready`;
    if (ready) await untilReady(app, started, logFile, () => answersOk(url), 60_000);
  }

  /** From here on its end is expected. */
  function release(app: AppName): Running | undefined {
    const found = running.get(app);
    running.delete(app);
    return found;
  }

  async function stopApp(app: AppName): Promise<string> {
    const found = release(app);
    await found?.stop();
    return found === undefined ? 'not running' : found.ended;
  }

  function pid(app: AppName): number {
    const found = running.get(app);
    if (found === undefined) throw new Error(`${app} is not running.`);
    return found.pid;
  }

  return {
    start,
    stopApp,
    async kill(app) {
      const found = release(app);
      if (found === undefined) return;
      process.kill(found.pid, 'SIGKILL');
      await found.ended;
    },
    pid,
    signal: (app, signal) => void process.kill(pid(app), signal),
    async ended(app) {
      return (await release(app)?.ended) ?? 'not running';
    },
    lost: () => lost,
    log: (app) => readFileSync(logFileOf(app), 'utf8'),
    async stop() {
      for (const app of [...running.keys()].reverse()) await stopApp(app);
      rmSync(logs, { recursive: true, force: true });
    },
  };
}

interface Services {
  readonly database: { readonly url: string; readonly db: Database; readonly drop: () => Promise<void> };
  readonly redis: { readonly url: string; readonly drop: () => Promise<void> };
  readonly temporal: TestNamespace;
  readonly servers: Readonly<Partial<Record<ServerName, OwnServer>>>;
}

async function openServices(leash: Leash, own: readonly ServerName[]): Promise<Services> {
  const started: Partial<Record<ServerName, OwnServer>> = {};
  await Promise.all(own.map(async (name) => (started[name] = await startOwnServer(leash, name))));
  const { postgres, redis, temporal } = started;
  return {
    servers: started,
    database: postgres === undefined ? await createTestDatabase() : openOwnDatabase(postgres.url),
    redis: redis === undefined ? await createTestRedis() : { url: redis.url, drop: async () => undefined },
    temporal: await createTestNamespace(temporal?.url),
  };
}

function openOwnDatabase(url: string): Services['database'] {
  const { db, close } = openDatabase({
    connectionString: url,
    poolSize: 10,
    applicationName: 'test',
    statementTimeoutMs: 60_000,
  });
  return { url, db, drop: close };
}

interface Reached {
  readonly proxies: System['proxies'];
  /** Where the processes find the servers. */
  readonly addresses: Readonly<Record<string, string>>;
}

async function openProxies(services: Services, through: readonly ServerName[]): Promise<Reached> {
  const { database, redis, temporal } = services;
  const proxies: Partial<Record<ServerName, Proxy>> = {};

  async function reach(name: ServerName, address: string): Promise<string> {
    if (!through.includes(name)) return address;
    const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`);
    const proxy = await startProxy(hostname, Number(port));
    proxies[name] = proxy;
    return address.replace(`${hostname}:${port}`, `127.0.0.1:${proxy.port}`);
  }

  const addresses = {
    DATABASE_URL: await reach('postgres', database.url),
    REDIS_URL: await reach('redis', redis.url),
    TEMPORAL_ADDRESS: await reach('temporal', temporal.address),
  };
  return { proxies, addresses };
}

const environment = (
  ports: Ports,
  namespace: string,
  env: Readonly<Record<string, string>>,
): Record<string, string> => ({
  APP_ENV: 'dev',
  LOG_LEVEL: 'info',
  TEMPORAL_NAMESPACE: namespace,
  RATE_LIMIT_ENABLED: 'false',
  ARGON2_MEMORY_KIB: '1024',
  ...ports,
  SMTP_URL: `smtp://127.0.0.1:${ports['SMTP_PORT']}`,
  MAIL_INBOX_URL: `http://127.0.0.1:${ports['MAIL_INBOX_PORT']}`,
  CUSTODY_URL: `http://127.0.0.1:${ports['CUSTODY_PORT']}`,
  ...env,
});

async function answersOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}.`);
}
