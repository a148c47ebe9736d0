import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { missing, onPath, run } from './commands.ts';
import { cacheFolder, once } from './once.mjs';
import { freePort } from './ports.ts';
import { untilReady, type Leash, type Server } from './processes.ts';
import { messageOf, say } from './progress.ts';
import { sdkDownload } from './sdk-download.ts';

export interface TemporalOptions {
  readonly leash: Leash;
  /** Where workflows are kept between runs; none keeps them in memory. */
  readonly databaseFile?: string;
  readonly logFile: string;
  readonly port: number;
  /** None starts it without the Web UI. */
  readonly uiPort?: number;
  /** Where the Web UI has encrypted payloads decoded. */
  readonly codecEndpoint?: string;
}

export interface TemporalServer extends Server {
  readonly uiUrl: string | undefined;
}

/** The newest version that `go install` can build. */
const cliVersion = 'v1.5.1';
const dynamicConfig = [
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'system.enableActivityEagerExecution=true',
  // A namespace is used by its test right after it is made.
  'system.namespaceCacheRefreshInterval="1s"',
];

/** Starts Temporal's own development server: the real server on SQLite, with its Web UI where `uiPort` is given. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const program = await findTemporal();
  const port = await freePort(options.port);
  const uiPort = options.uiPort === undefined ? undefined : await freePort(options.uiPort);
  if (options.databaseFile !== undefined) await mkdir(dirname(options.databaseFile), { recursive: true });
  say(`Temporal: starting on port ${port}.`);
  const server = options.leash.spawn({
    name: 'Temporal',
    command: program,
    args: serverArguments(options, port, uiPort),
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
  });
  const address = `127.0.0.1:${port}`;
  await untilReady('Temporal', server, options.logFile, () => connect(address), 60_000);
  return { url: address, uiUrl: uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`, stop: server.stop };
}

function serverArguments(options: TemporalOptions, port: number, uiPort: number | undefined): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(options.codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', options.codecEndpoint]),
    ...(options.databaseFile === undefined ? [] : ['--db-filename', options.databaseFile]),
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=off'],
    ...dynamicConfig.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...['--log-level', 'warn', '--log-format', 'json'],
  ];
}

/** Throws until the server answers. */
async function connect(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  await connection.close();
}

/** On PATH, in the user's cache, by the SDK's download, or built from its Go module. */
export async function findTemporal(): Promise<string> {
  const folder = join(cacheFolder, `temporal-${cliVersion}`);
  const built = join(folder, 'temporal');
  const found = onPath('temporal') ?? (existsSync(built) ? built : await sdkDownload('temporal'));
  if (found !== undefined) return found;
  await once(folder, buildTemporal, () => say('Temporal: waiting for another process that builds it.'));
  return built;
}

async function buildTemporal(folder: string): Promise<void> {
  const advice = 'Install its CLI, or Go 1.25 or newer to build it, or set TEMPORAL_ADDRESS.';
  if (onPath('go') === undefined) missing('Temporal', advice);
  say(`Temporal: building its CLI ${cliVersion} with Go. This takes some minutes, once.`);
  const env = { ...process.env, GOBIN: folder };
  try {
    await run('go', ['install', `github.com/temporalio/cli/cmd/temporal@${cliVersion}`], { env });
  } catch (error) {
    missing('Temporal', `${advice}\n${messageOf(error)}`);
  }
}
