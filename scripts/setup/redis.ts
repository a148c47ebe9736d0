import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { installSystemPackage, missing, onPath, run } from './commands.ts';
import { freePort } from './ports.ts';
import { untilReady, type Leash, type Server } from './processes.ts';
import { say, SetUpError } from './progress.ts';

export interface RedisOptions {
  readonly leash: Leash;
  readonly dataDir: string;
  readonly logFile: string;
  readonly port: number;
  readonly password: string;
}

/** Starts a Redis of our own on 127.0.0.1 with a password, append-only file and snapshots. Evicts nothing, ever. */
export async function startRedis(options: RedisOptions): Promise<Server> {
  const program = await findRedis();
  const port = await freePort(options.port);
  await mkdir(options.dataDir, { recursive: true });
  const configFile = join(options.dataDir, 'redis.conf');
  await writeFile(configFile, configuration(options, port), { mode: 0o600 });
  say(`Redis: starting on port ${port}.`);
  const server = options.leash.spawn({
    name: 'Redis',
    command: program,
    args: [configFile],
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
  });
  const url = `redis://:${options.password}@127.0.0.1:${port}`;
  await untilReady('Redis', server, options.logFile, () => ping(url), 60_000);
  return { url, stop: server.stop };
}

function configuration(options: RedisOptions, port: number): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${options.password}`,
    `dir ${options.dataDir}`,
    'appendonly yes',
    'appendfsync everysec',
    'save 900 1 300 10 60 10000',
    'maxmemory 1gb',
    'maxmemory-policy noeviction',
    // Tests take one database for each file.
    'databases 512',
    '',
  ].join('\n');
}

/** Throws until the server has loaded its data and answers. */
async function ping(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}

const wanted = { what: 'Redis', apt: ['redis-server'], brew: ['redis'], service: 'redis-server' } as const;

async function findRedis(): Promise<string> {
  const program = serverOnPath();
  if (program !== undefined) return checked(program);
  await installSystemPackage(wanted);
  return checked(serverOnPath() ?? missing('Redis', 'Install redis-server 7 or newer, or set REDIS_URL.'));
}

const serverOnPath = (): string | undefined => onPath('redis-server') ?? onPath('valkey-server');

/** Streams with what the matcher needs came with 7. */
async function checked(program: string): Promise<string> {
  const version = /v=(\d+)/.exec(await run(program, ['--version']))?.[1];
  if (Number(version) >= 7) return program;
  throw new SetUpError(`${program} is older than version 7. Install Redis 7 or newer, or set REDIS_URL.`);
}
