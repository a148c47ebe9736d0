import { join } from 'node:path';
import { installSystemPackage, missing, onPath, run } from './commands.ts';
import { cacheFolder, once } from './once.mjs';
import { messageOf, say } from './progress.ts';

const version = '4.32.5';
const advice = 'Install Python 3.10 or newer with venv and pip.';
const wanted = { what: 'Python', apt: ['python3', 'python3-venv'], brew: ['python'] } as const;

/** How to run Schemathesis: a program and its first arguments. Installed by pip, once, into the user's cache. */
export async function findSchemathesis(): Promise<readonly [command: string, ...args: string[]]> {
  const folder = join(cacheFolder, `schemathesis-${version}`);
  await once(folder, install, () => say('Schemathesis: waiting for another process that installs it.'));
  // Not by its own launcher: that has the path in it under which it was installed.
  return [join(folder, 'bin', 'python'), '-m', 'schemathesis.cli'];
}

async function install(folder: string): Promise<void> {
  if (onPath('python3') === undefined && !(await installSystemPackage(wanted))) missing('Python', advice);
  say(`Schemathesis: installing ${version} with pip, once.`);
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', `schemathesis==${version}`]);
  } catch (error) {
    missing('Schemathesis', `${advice}\n${messageOf(error)}`);
  }
}
