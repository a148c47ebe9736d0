/**
 * Migrations of the running system, or of DATABASE_URL: `up [count]`, `down [count]`, and `new <name>`, which makes the
 * pair of files.
 */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../storage/migrator.ts';
import { root } from './setup/paths.ts';
import { reportFault, SetUpError } from './setup/progress.ts';
import { requireRunning } from './setup/running.ts';

const usage = 'Say `up [count]`, `down [count]` or `new <name>` (lower case, words joined by _).';

async function move(direction: 'up' | 'down', countText: string | undefined): Promise<void> {
  const url = process.env['DATABASE_URL'] ?? requireRunning().env['DATABASE_URL'] ?? '';
  const count = countText === undefined ? {} : { count: Number(countText) };
  const names = await migrate(url, direction, count);
  console.log(names.length === 0 ? 'Nothing to do.' : names.join('\n'));
}

async function create(name: string | undefined): Promise<void> {
  if (name === undefined || !/^[a-z][a-z0-9_]*$/.test(name)) throw new SetUpError(usage);
  const folder = join(root, 'migrations');
  const numbers = (await readdir(folder)).map((file) => Number.parseInt(file, 10)).filter(Number.isInteger);
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0');
  for (const direction of ['up', 'down']) {
    const file = join(folder, `${number}_${name}.${direction}.sql`);
    await writeFile(file, `-- ${number}_${name}, ${direction}\n`, { flag: 'wx' });
    console.log(file);
  }
}

const [verb, argument] = process.argv.slice(2);
async function main(): Promise<void> {
  if (verb === 'new') return create(argument);
  if (verb === 'up' || verb === 'down') return move(verb, argument);
  throw new SetUpError(usage);
}

await main().catch(reportFault);
