/**
 * Runs the kill tests at full length: node scripts/chaos.ts [rounds] [seed] (20 rounds of each fault, a random seed).
 */
import { spawnSync } from 'node:child_process';
import { root } from './setup/paths.ts';

const [rounds = '20', seed] = process.argv.slice(2);
const env = { ...process.env, CHAOS_ROUNDS: rounds, ...(seed === undefined ? {} : { CHAOS_SEED: seed }) };
const files = 'test/chaos/**/*.test.ts';
const { status } = spawnSync(process.execPath, ['scripts/test.ts', files], { cwd: root, env, stdio: 'inherit' });
process.exit(status ?? 1);
