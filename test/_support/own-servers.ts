import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../scripts/setup/commands.ts';
import { killIfThere } from '../../scripts/setup/kill.ts';
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
  /** Where it keeps its data. */
  readonly dataDir: string;
  readonly logFile: string;
  /** Of its first process. */
  readonly pid: () => number;
  /** SIGKILL, as a crash would. */
  readonly kill: () => Promise<void>;
  /** Starts it again after `kill`. */
  readonly start: (options?: StartServerOptions) => Promise<void>;
  /** Stops it and removes its data. */
  readonly drop: () => Promise<void>;
}

export interface StartServerOptions {
  /** Takes its data away first; only Redis knows how. */
  readonly emptied?: boolean;
  /** On top of the usual settings, until it is started again. */
  readonly settings?: readonly string[];
}

/** What starts a server: on this port (0: any), over the data it had. */
type Starting = (leash: Leash, port: number, settings?: readonly string[]) => Promise<Server>;

const restartTries = 50;
/** So many tries are left when the children of a killed server have had their time to end. */
const orphansEndAt = 40;

interface Place {
  readonly dataDir: string;
  readonly logFile: string;
  readonly removeData: () => Promise<void>;
}

async function createServer(leash: Leash, starting: Starting, place: Place): Promise<OwnServer> {
  const { dataDir, logFile, removeData } = place;
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

  let orphans: readonly number[] = [];

  /**
   * The orphaned children of a killed server may hold its port and memory for a moment: or for ever, when one waits for
   * a lock of another that was ended with it. Then they are killed, as whoever keeps services does.
   */
  async function startAgain(settings: readonly string[]): Promise<void> {
    for (let left = restartTries; ; left -= 1) {
      try {
        server = await starting(watched, port, settings);
        if (server.url === url) return;
        await server.stop();
      } catch (error) {
        if (left === 0) throw error;
        if (left === orphansEndAt) for (const pid of orphans) killIfThere(pid, 'SIGKILL');
      }
      await sleep(100);
    }
  }

  return {
    url,
    dataDir,
    logFile,
    pid: () => running?.pid ?? 0,
    async kill() {
      if (running === undefined) return;
      orphans = await childrenOf(running.pid);
      process.kill(running.pid, 'SIGKILL');
      await running.ended;
    },
    async start({ emptied = false, settings = [] } = {}) {
      if (emptied) await removeData();
      await startAgain(settings);
    },
    async drop() {
      await server.stop();
      await removeData();
    },
  };
}

const childrenOf = async (pid: number): Promise<readonly number[]> =>
  (await run('pgrep', ['-P', String(pid)]).catch(() => '')).split('\n').filter(Boolean).map(Number);

/** PostgreSQL with a migrated database, Redis, or Temporal, in a folder that runs clean up after each other. */
export function startOwnServer(leash: Leash, name: ServerName): Promise<OwnServer> {
  const folder = join(dataFolder, `test-${process.pid}`);
  const logFile = join(folder, `${name}.log`);
  const password = randomBytes(16).toString('hex');
  const dataDir = join(folder, name);
  const removeData = () => rm(dataDir, { recursive: true, force: true });
  switch (name) {
    case 'postgres': {
      const database = 'pandora';
      const starting: Starting = async (watched, port, settings = []) => {
        const server = await startPostgres({ leash: watched, dataDir, logFile, port, password, database, settings });
        await migrate(server.url, 'up');
        return server;
      };
      return createServer(leash, starting, { dataDir, logFile, removeData: () => removeCluster(dataDir) });
    }
    case 'redis': {
      const starting: Starting = (watched, port) => startRedis({ leash: watched, dataDir, logFile, port, password });
      return createServer(leash, starting, { dataDir, logFile, removeData });
    }
    case 'temporal': {
      const databaseFile = join(dataDir, 'temporal.db');
      const starting: Starting = (watched, port) => startTemporal({ leash: watched, databaseFile, logFile, port });
      return createServer(leash, starting, { dataDir, logFile, removeData });
    }
  }
}
