/** Runs benchmarks: node scripts/bench.ts [NAME…]; all of bench/*.ts without a name. Ends red when one fails. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFlags } from './setup/apps.ts';
import { root } from './setup/paths.ts';
import { say } from './setup/progress.ts';

const all = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));
const names = process.argv.length > 2 ? process.argv.slice(2) : all;
const unknown = names.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  say(`There is no benchmark ${unknown.join(', ')}; there are ${all.join(', ')}.`);
  process.exit(2);
}
/** One after the other, each in a process of its own: none warms up or litters another's heap. */
const failed = names.filter((name) => {
  const file = join(root, 'bench', `${name}.ts`);
  return spawnSync(process.execPath, [...nodeFlags, file], { cwd: root, stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) say(`Failed: ${failed.join(', ')}.`);
process.exit(failed.length === 0 ? 0 : 1);
