import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../scripts/setup/commands.ts';
import { asRoot } from './privileged.ts';

export interface SmallDisk {
  /** Takes what is left of it. */
  readonly fill: () => void;
  readonly free: () => void;
  readonly unmount: () => Promise<void>;
}

const chunk = Buffer.alloc(65_536, 1);

/**
 * Moves the data of a server that is stopped to a file system of `mib` MiB of its own. Needs to be root with the right
 * to mount, or sudo: throws where neither is given.
 */
export async function moveToSmallDisk(dataDir: string, mib: number): Promise<SmallDisk> {
  const folder = realpathSync(dataDir);
  const { uid, gid, mode } = statSync(folder);
  const before = `${folder}.before`;
  renameSync(folder, before);
  mkdirSync(folder);
  const options = `size=${mib}m,uid=${uid},gid=${gid},mode=${(mode & 0o777).toString(8)}`;
  await run(...asRoot('mount', ['-t', 'tmpfs', '-o', options, 'pandora-test', folder])).catch((error: unknown) => {
    rmSync(folder, { recursive: true });
    renameSync(before, folder);
    throw new Error(`This test has to mount a small file system, as root or by sudo: ${String(error)}`);
  });
  unmountWithUs(folder);
  await run('cp', ['-a', `${before}/.`, folder]);
  rmSync(before, { recursive: true });
  const filler = join(folder, 'filler');
  return {
    fill() {
      const file = openSync(filler, 'a');
      try {
        for (let size = chunk.length; size > 0;) {
          try {
            writeSync(file, chunk, 0, size);
          } catch {
            size >>= 1;
          }
        }
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    async unmount() {
      await run(...asRoot('umount', ['--lazy', folder]));
    },
  };
}

/** Outlives this process, however it ends, and then unmounts; fails where that was done already. */
function unmountWithUs(folder: string): void {
  const [command, args] = asRoot('umount', ['--lazy', folder]);
  const script = `cat; ${[command, ...args].map((part) => `'${part}'`).join(' ')}`;
  const guard = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  (guard.stdin as unknown as { unref: () => void }).unref();
}
