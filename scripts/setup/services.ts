import { join } from 'node:path';
import { dataFolder } from './paths.ts';
import { startPostgres } from './postgres.ts';
import type { Leash, Server } from './processes.ts';
import { startRedis } from './redis.ts';
import { startTemporal, type TemporalServer } from './temporal.ts';

/** What every process of the exchange needs running. */
export interface Services {
  readonly postgres: Server;
  readonly redis: Server;
  readonly temporal: TemporalServer;
  readonly stop: () => Promise<void>;
}

export interface ServicesOptions {
  readonly leash: Leash;
  readonly folder: string;
  readonly databasePassword: string;
  readonly redisPassword: string;
  readonly database: string;
  readonly ports: { readonly postgres: number; readonly redis: number; readonly temporal: number };
  /** Web UI and data that outlive the run; tests need neither. */
  readonly lasting?: { readonly uiPort: number; readonly codecEndpoint: string };
  /** Servers that somebody else runs, by address: they are used as they are. */
  readonly given: {
    readonly postgres?: string | undefined;
    readonly redis?: string | undefined;
    readonly temporal?: string | undefined;
  };
}

const given = async <T extends object>(url: string, rest: T): Promise<T & Server> => ({
  url,
  stop: async () => undefined,
  ...rest,
});

/** Starts PostgreSQL, Redis and Temporal side by side, each unless its address is given. All or none. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const { leash, folder, ports } = options;
  const logFile = (name: string) => join(dataFolder, 'logs', `${name}.log`);
  const lasting =
    options.lasting === undefined ? {} : { ...options.lasting, databaseFile: join(folder, 'temporal', 'temporal.db') };
  const starts = [
    options.given.postgres === undefined
      ? startPostgres({
          leash,
          dataDir: join(folder, 'postgres'),
          logFile: logFile('postgres'),
          port: ports.postgres,
          password: options.databasePassword,
          database: options.database,
        })
      : given(options.given.postgres, {}),
    options.given.redis === undefined
      ? startRedis({
          leash,
          dataDir: join(folder, 'redis'),
          logFile: logFile('redis'),
          port: ports.redis,
          password: options.redisPassword,
        })
      : given(options.given.redis, {}),
    options.given.temporal === undefined
      ? startTemporal({
          leash,
          logFile: logFile('temporal'),
          port: ports.temporal,
          ...lasting,
        })
      : given(options.given.temporal, { uiUrl: process.env['TEMPORAL_UI_URL'] }),
  ] as const;
  const settled = await Promise.allSettled(starts);
  const stop = async () => {
    for (const result of settled.toReversed()) if (result.status === 'fulfilled') await result.value.stop();
  };
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const [postgres, redis, temporal] = await Promise.all(starts);
  return { postgres, redis, temporal, stop };
}
