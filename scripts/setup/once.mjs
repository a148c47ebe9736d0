// Plain Node 20 without packages: scripts/bootstrap.mjs needs it before anything is installed.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The folder that outlives a checkout: what is downloaded or built once for all clones of a user. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pandora-exchange');

/**
 * Runs `action` while no other process holds `path`.lock. The lock of a process that died is taken over.
 * `onWait` is called once when another process holds it.
 */
export async function withLock(path, action, onWait = () => {}) {
  const lock = `${path}.lock`;
  const own = `${lock}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  // Linked into place whole: a lock without its holder's id could never be called dead.
  await writeFile(own, String(process.pid));
  let told = false;
  for (;;) {
    try {
      await link(own, lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = await readFile(lock, 'utf8').catch(() => '');
      if (holder !== '' && !isAlive(Number(holder))) {
        await rm(lock, { force: true });
        continue;
      }
      if (!told) onWait();
      told = true;
      await sleep(250);
    }
  }
  try {
    return await action();
  } finally {
    await rm(lock, { force: true });
    await rm(own, { force: true });
  }
}

/**
 * Answers `path`, made by `make(temporary)` first when it is missing. Made under a temporary name in the same folder
 * and renamed when complete, so that an interrupted download is never taken for a whole one.
 */
export async function once(path, make, onWait) {
  if (existsSync(path)) return path;
  await withLock(
    path,
    async () => {
      if (existsSync(path)) return;
      const temporary = `${path}.${process.pid}.tmp`;
      await rm(temporary, { recursive: true, force: true });
      try {
        await mkdir(temporary, { recursive: true });
        await make(temporary);
        await rename(temporary, path);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    },
    onWait,
  );
  return path;
}

/** True while a process with this id exists, whoever owns it. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
