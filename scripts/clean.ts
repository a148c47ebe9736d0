/** Removes what runs of this checkout wrote: data, logs, secrets, builds and coverage. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder, root, unprivilegedFolder } from './setup/paths.ts';
import { reportFault, SetUpError } from './setup/progress.ts';
import { findRunning } from './setup/running.ts';

async function main(): Promise<void> {
  if (findRunning() !== undefined) throw new SetUpError('The system is running: stop it first.');
  // As root the cluster lies elsewhere; beside it may be those of tests that run right now.
  const cluster = join(unprivilegedFolder, 'postgres');
  for (const folder of [dataFolder, cluster, join(root, 'build'), join(root, 'coverage')]) {
    await rm(folder, { recursive: true, force: true });
  }
}

await main().catch(reportFault);
