/**
 * Runs the tests: node scripts/test.ts [--coverage] [files…]. Starts throw-away servers for the run, prints the result
 * of each test, and ends with the line `N passed, N failed`.
 */
import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { migrate } from '../storage/migrator.ts';
import { findBrowser } from './setup/browser.ts';
import { judgeCoverage, readCoverage } from './setup/coverage.ts';
import { stopOnSignal, type Lifetime } from './setup/lifetime.ts';
import { killIfThere } from './setup/kill.ts';
import { isAlive } from './setup/once.mjs';
import { dataFolder, root } from './setup/paths.ts';
import { removeCluster } from './setup/postgres.ts';
import { createLeash, type Leash } from './setup/processes.ts';
import { reportFault, say } from './setup/progress.ts';
import { provideStrace } from './setup/strace.ts';
import { startServices, type Services } from './setup/services.ts';
import { createTapCounter, type Count } from './setup/tap.ts';
import { findTestServer } from './setup/test-server.ts';

const template = 'template_pandora';

async function main(): Promise<void> {
  const leash = createLeash();
  const lifetime = stopOnSignal(leash, 130);
  const tested = await test(leash, lifetime).finally(lifetime.stopAll);
  const count = process.argv.includes('--coverage') ? withCoverage(tested) : tested;
  process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`);
  process.exit(count.failed === 0 ? 0 : 1);
}

async function test(leash: Leash, { stopLater }: Lifetime): Promise<Count> {
  const files = process.argv.slice(2).filter((argument) => argument !== '--coverage');
  const coverage = process.argv.includes('--coverage');
  await removeLeftovers();
  const folder = join(dataFolder, `test-${process.pid}`);
  stopLater(() => removeFolder(folder));
  const starting = startTestServices(leash, folder).then((services) => {
    stopLater(services.stop);
    return services;
  });
  const [services, testServer] = await Promise.all([starting, findTestServer()]);
  // Not installed for a run of some files: perhaps none of them needs it.
  const browser = await findBrowser(files.length === 0);
  if (files.length === 0 || process.env['CHAOS_ROUNDS'] !== undefined) await provideStrace();
  say('Migrating the template database.');
  await migrate(services.postgres.url, 'up');
  return runTests(leash, stopLater, coverage, files, {
    ...process.env,
    TEST_DATABASE_URL: services.postgres.url,
    TEST_REDIS_URL: services.redis.url,
    TEST_TEMPORAL_ADDRESS: services.temporal.url,
    TEMPORAL_TEST_SERVER: testServer,
    ...(browser !== undefined && { TEST_BROWSER: browser }),
  });
}

/** Servers of the run's own, unless the environment names others that tests may fill with databases and namespaces. */
function startTestServices(leash: Leash, folder: string): Promise<Services> {
  return startServices({
    leash,
    folder,
    database: template,
    databasePassword: randomBytes(16).toString('hex'),
    redisPassword: randomBytes(16).toString('hex'),
    ports: { postgres: 0, redis: 0, temporal: 0 },
    given: {
      postgres: process.env['TEST_DATABASE_URL'],
      redis: process.env['TEST_REDIS_URL'],
      temporal: process.env['TEST_TEMPORAL_ADDRESS'],
    },
  });
}

/** What runs leave behind that were killed. */
async function removeLeftovers(): Promise<void> {
  const names = await readdir(dataFolder).catch(() => []);
  for (const name of names) {
    const pid = /^test-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await removeFolder(join(dataFolder, name));
  }
}

async function removeFolder(folder: string): Promise<void> {
  await removeCluster(join(folder, 'postgres'));
  await rm(folder, { recursive: true, force: true });
}

/** Runs ava, under c8 where coverage is asked for, and counts what it reports. */
function runTests(
  leash: Leash,
  stopLater: Lifetime['stopLater'],
  coverage: boolean,
  files: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Count> {
  const ava = ['node_modules/ava/entrypoints/cli.mjs', '--tap', ...files];
  const args = coverage ? ['node_modules/c8/bin/c8.js', '--', process.execPath, ...ava] : ava;
  // A session of its own: Ctrl-C reaches us first, and then it is ended whole.
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  leash.hold(child, 'SIGKILL');
  stopLater(async () => killGroup(child));
  const counter = createTapCounter((line) => process.stdout.write(`${line}\n`));
  const lines = createInterface({ input: child.stdout });
  lines.on('line', counter.line);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(counter.end(code)));
  });
}

/** Each threshold of coverage counts as a test. */
function withCoverage({ passed, failed }: Count): Count {
  const results = judgeCoverage(readCoverage());
  const good = results.filter(({ percent, least }) => percent >= least);
  for (const result of results) {
    const { folder, percent, least } = result;
    const mark = good.includes(result) ? '✔' : '✘';
    process.stdout.write(`${mark} coverage of ${folder}: ${percent.toFixed(1)} % of lines, at least ${least} %\n`);
  }
  return { passed: passed + good.length, failed: failed + results.length - good.length };
}

/** Ends the runner with everything it started, also what its tests started. */
function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) killIfThere(-child.pid, 'SIGKILL');
}

await main().catch(reportFault);
