import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataFolder } from '../../scripts/setup/paths.ts';
import { removeCluster, startPostgres } from '../../scripts/setup/postgres.ts';
import type { Leash, Running, Server } from '../../scripts/setup/processes.ts';
import { startRedis } from '../../scripts/setup/redis.ts';
import { startTemporal } from '../../scripts/setup/temporal.ts';
import { migrate } from '../../storage/migrator.ts';

export const serverNames = ['postgres', 'redis', 'temporal'] as const;
export type ServerName = (typeof serverNames)[number];

/** A server that only one test uses, so that it may die. It keeps its address and its data. */
export interface OwnServer {
  readonly url: string;
  /** SIGKILL, as a crash would. */
  readonly kill: () => Promise<void>;
  /** Starts it again after `kill`. `emptied` takes its data away first; only Redis knows how. */
  readonly start: (options?: { readonly emptied?: boolean }) => Promise<void>;
  /** Stops it and removes its data. */
  readonly drop: () => Promise<void>;
}

/** What starts a server: on this port (0: any), over the data it had. */
type Starting = (leash: Leash, port: number) => Promise<Server>;

const restartTries = 50;

async function createServer(leash: Leash, starting: Starting, removeData: () => Promise<void>): Promise<OwnServer> {
  let running: Running | undefined;
  const watched: Leash = {
    ...leash,
    spawn(options) {
      running = leash.spawn(options);
      return running;
    },
  };
  let server = await starting(watched, 0);
  const { url } = server;
  const port = Number(/:(\d+)(\/|$)/.exec(url.replace(/^.*@/, ''))?.[1]);

  /** The orphaned children of a killed server may hold its port and memory for a moment. */
  async function startAgain(): Promise<void> {
    for (let left = restartTries; ; left -= 1) {
      try {
        server = await starting(watched, port);
        if (server.url === url) return;
        await server.stop();
      } catch (error) {
        if (left === 0) throw error;
      }
      await sleep(100);
    }
  }

  return {
    url,
    async kill() {
      if (running === undefined) return;
      process.kill(running.pid, 'SIGKILL');
      await running.ended;
    },
    async start({ emptied = false } = {}) {
      if (emptied) await removeData();
      await startAgain();
    },
    async drop() {
      await server.stop();
      await removeData();
    },
  };
}

/** PostgreSQL with a migrated database, Redis, or Temporal, in a folder that runs clean up after each other. */
export function startOwnServer(leash: Leash, name: ServerName): Promise<OwnServer> {
  const folder = join(dataFolder, `test-${process.pid}`);
  const logFile = join(folder, `${name}.log`);
  const password = randomBytes(16).toString('hex');
  const dataDir = join(folder, name);
  const removeData = () => rm(dataDir, { recursive: true, force: true });
  switch (name) {
    case 'postgres': {
      const starting: Starting = async (watched, port) => {
        const server = await startPostgres({ leash: watched, dataDir, logFile, port, password, database: 'pandora' });
        await migrate(server.url, 'up');
        return server;
      };
      return createServer(leash, starting, () => removeCluster(dataDir));
    }
    case 'redis': {
      const starting: Starting = (watched, port) => startRedis({ leash: watched, dataDir, logFile, port, password });
      return createServer(leash, starting, removeData);
    }
    case 'temporal': {
      const databaseFile = join(dataDir, 'temporal.db');
      const starting: Starting = (watched, port) => startTemporal({ leash: watched, databaseFile, logFile, port });
      return createServer(leash, starting, removeData);
    }
  }
}
