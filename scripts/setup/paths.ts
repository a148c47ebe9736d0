import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetUpError } from './progress.ts';

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Everything that a run of this checkout writes; `make clean` removes it. */
export const dataFolder = join(root, '.data');

/**
 * A folder outside the checkout for servers that refuse to run as root: an unprivileged user cannot look into a
 * checkout below a home folder. One for each checkout, by the hash of its path.
 */
export const unprivilegedFolder = join(
  '/var/tmp',
  `pandora-exchange-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`,
);

/** Makes a folder of ours. Refuses one that somebody else made: anyone can make folders in /var/tmp. */
export function ownFolder(path: string, mode: number): string {
  mkdirSync(path, { recursive: true, mode });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new SetUpError(`${path} belongs to another user. Remove it, or move the checkout.`);
  }
  chmodSync(path, mode);
  return path;
}
