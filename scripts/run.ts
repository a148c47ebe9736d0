/**
 * Starts the whole exchange on this machine and keeps it running until Ctrl-C. `--services` starts only PostgreSQL,
 * Redis and Temporal.
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { migrate } from '../storage/migrator.ts';
import { setUpTemporal } from '../temporal/setup.ts';
import { runTask, keepApp, type App, type Task } from './setup/apps.ts';
import { stopOnSignal, type Lifetime } from './setup/lifetime.ts';
import { dataFolder } from './setup/paths.ts';
import { createLeash, type Leash } from './setup/processes.ts';
import { reportFault, say, SetUpError } from './setup/progress.ts';
import { announce, findRunning, withdraw } from './setup/running.ts';
import { devSecrets } from './setup/secrets.ts';
import { startServices, type Services, type ServicesOptions } from './setup/services.ts';
import { choosePorts, type Part, type Ports } from './setup/ports.ts';

const namespace = 'exchange';

/** Each database has a chain of its own: what was sent, and the numbers it took, are those that it knows of. */
const chainFile = (databaseUrl?: string): string =>
  join(dataFolder, `custodian${databaseUrl === undefined ? '' : `-${hash('sha256', databaseUrl).slice(0, 12)}`}.jsonl`);

/** What runs besides the services, in order of starting. A task runs to its end before the next starts. */
const plan = (ports: Ports): readonly (App | Task)[] => [
  {
    name: 'mail catcher',
    entry: 'gateways/mail/catcher-main.ts',
    readyUrl: `http://127.0.0.1:${ports.inbox}/health/ready`,
    addresses: [['Mail inbox', `http://127.0.0.1:${ports.inbox}/mails`]],
  },
  {
    name: 'custodian',
    entry: 'gateways/custody/dev-main.ts',
    env: { CUSTODY_DEV_FILE: chainFile(process.env['DATABASE_URL']) },
    readyUrl: `http://127.0.0.1:${ports.custody}/health/ready`,
  },
  { name: 'seed', entry: 'scripts/seed.ts', shown: true },
  { name: 'workflow bundle', entry: 'scripts/build-workflows.ts' },
  {
    name: 'workers',
    entry: 'workers/all.ts',
    env: { METRICS_PORT: String(ports.workers) },
    readyUrl: `http://127.0.0.1:${ports.workers}/health/ready`,
  },
  {
    name: 'matcher',
    entry: 'matcher/main.ts',
    env: { METRICS_PORT: String(ports.matcher) },
    readyUrl: `http://127.0.0.1:${ports.matcher}/health/ready`,
  },
  {
    name: 'api',
    entry: 'api/main.ts',
    readyUrl: `http://127.0.0.1:${ports.rest}/health/ready`,
    addresses: [
      ['REST', `http://127.0.0.1:${ports.rest}/api/v1`],
      ['Market page', `http://127.0.0.1:${ports.rest}/`],
      ['Swagger UI', `http://127.0.0.1:${ports.rest}/swagger/index.html`],
      ['gRPC', `127.0.0.1:${ports.grpc}`],
      ['Internal REST', `http://127.0.0.1:${ports.admin}/api/v1`],
      ['To begin with', `curl http://127.0.0.1:${ports.rest}/api/v1/markets, or: make demo`],
    ],
  },
];

async function main(): Promise<void> {
  const other = findRunning();
  if (other !== undefined) throw new SetUpError(`It is running already in this checkout (process ${other.pid}).`);
  const leash = createLeash();
  const lifetime = stopOnSignal(leash);
  await start(leash, lifetime).catch(async (error: unknown) => {
    await lifetime.stopAll();
    throw error;
  });
}

async function start(leash: Leash, { stopLater }: Lifetime): Promise<void> {
  const onlyServices = process.argv.includes('--services');
  announce({ pid: process.pid, ready: false, env: {} });
  stopLater(async () => withdraw());

  const secrets = devSecrets(join(dataFolder, 'dev.env'));
  const given = {
    postgres: process.env['DATABASE_URL'],
    redis: process.env['REDIS_URL'],
    temporal: process.env['TEMPORAL_ADDRESS'],
  };
  const ports = await choosePorts(process.env, (part) => startsHere(part, given, onlyServices));
  const services = await startServices({
    leash,
    folder: dataFolder,
    database: 'pandora',
    databasePassword: secrets.DB_PASSWORD,
    redisPassword: secrets.REDIS_PASSWORD,
    ports,
    lasting: { uiPort: ports.temporalUi, codecEndpoint: `http://127.0.0.1:${ports.codec}` },
    given,
  });
  stopLater(services.stop);
  const env = { ...secrets, ...addressesOf(services, ports) };

  const applied = await migrate(services.postgres.url, 'up');
  say(`Migrations: ${applied.length === 0 ? 'nothing is new' : `applied ${applied.join(', ')}`}.`);
  await setUpTemporal({ address: services.temporal.url, namespace, retentionDays: 7 });

  const shown: string[] = [];
  for (const step of onlyServices ? [] : plan(ports)) {
    if ('readyUrl' in step) {
      const app = await keepApp(leash, step, { ...process.env, ...env });
      stopLater(app.stop);
      for (const [label, address] of step.addresses ?? []) shown.push(row(label, address));
    } else {
      const lines = await runTask(step, { ...process.env, ...env });
      if (step.shown === true) shown.push(...lines);
    }
  }
  announce({ pid: process.pid, ready: true, env });
  process.stdout.write(readyText(services, shown, onlyServices));
}

/** Servers that somebody else runs keep their ports; without the apps, theirs are for whoever starts them later. */
function startsHere(part: Part, given: ServicesOptions['given'], onlyServices: boolean): boolean {
  if (part === 'temporalUi') return given.temporal === undefined;
  if (part === 'postgres' || part === 'redis' || part === 'temporal') return given[part] === undefined;
  return !onlyServices;
}

/** Where everything is, under the names the configuration reads. */
function addressesOf(services: Services, ports: Ports): Record<string, string> {
  return {
    APP_ENV: 'dev',
    DATABASE_URL: services.postgres.url,
    REDIS_URL: services.redis.url,
    TEMPORAL_ADDRESS: services.temporal.url,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_CODEC_PORT: String(ports.codec),
    ...(services.temporal.uiUrl === undefined ? {} : { TEMPORAL_UI_URL: services.temporal.uiUrl }),
    SERVER_PORT: String(ports.rest),
    ADMIN_PORT: String(ports.admin),
    GRPC_PORT: String(ports.grpc),
    SMTP_PORT: String(ports.smtp),
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    MAIL_INBOX_PORT: String(ports.inbox),
    CUSTODY_PORT: String(ports.custody),
    CUSTODY_URL: `http://127.0.0.1:${ports.custody}`,
    MAIL_INBOX_URL: `http://127.0.0.1:${ports.inbox}`,
    MAIL_LINK_BASE: `http://127.0.0.1:${ports.rest}`,
  };
}

const row = (label: string, value: string): string => `  ${label.padEnd(14)}${value}`;

function readyText(services: Services, shown: readonly string[], onlyServices: boolean): string {
  const lines = [
    '',
    onlyServices ? 'The services are ready.' : 'Pandora Exchange is ready.',
    ...shown,
    row('Temporal UI', services.temporal.uiUrl ?? 'where the given Temporal server has it'),
    row('Logs', join(dataFolder, 'logs')),
    ...(onlyServices ? [row('DATABASE_URL', services.postgres.url), row('REDIS_URL', services.redis.url)] : []),
    row('Stop', 'Ctrl-C'),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

await main().catch(reportFault);
