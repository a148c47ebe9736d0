/**
 * Has Schemathesis, a program that is not ours, judge the REST doors by the documents they serve: node scripts/fuzz.ts
 * [seed] (1). It starts a system of its own, calls as each kind of caller, and ends red when an answer is a fault or is
 * not as documented. What it does not check, and why, is in fuzz/schemathesis.toml.
 */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findBreaks, untilQuiet } from '../test/_support/books.ts';
import { startSystem, type System } from '../test/_support/system.ts';
import { type Callers, createCallers } from './fuzz/callers.ts';
import { stopOnSignal } from './setup/lifetime.ts';
import { dataFolder, root } from './setup/paths.ts';
import { createLeash, type Leash } from './setup/processes.ts';
import { reportFault, say } from './setup/progress.ts';
import { findSchemathesis } from './setup/schemathesis.ts';

const seed = process.argv[2] ?? '1';
const config = join(root, 'scripts', 'fuzz', 'schemathesis.toml');

interface Visit {
  readonly caller: Exclude<keyof Callers, 'spare'>;
  /** Random requests to each operation, at most, beside those that follow from the document alone. */
  readonly examples: number;
  /** All of Schemathesis's phases; a second caller at the same door needs fewer. */
  readonly phases?: string;
}

const briefly = { examples: 5, phases: 'examples,fuzzing' };
const visits: Readonly<Record<'rest' | 'internal', readonly Visit[]>> = {
  rest: [
    { caller: 'customer', examples: 15 },
    { caller: 'newcomer', ...briefly },
    { caller: 'officer', ...briefly },
    { caller: 'admin', ...briefly },
  ],
  internal: [
    { caller: 'admin', examples: 15 },
    { caller: 'officer', ...briefly },
    { caller: 'service', ...briefly },
  ],
};

/** Limits would answer in place of what is to be judged; tokens outlive the run. */
const environment = {
  RATE_LIMIT_ENABLED: 'false',
  RATE_LIMIT_LOGIN_FAILURES: '1000000',
  JWT_ACCESS_TOKEN_EXPIRY: '1h',
  SERVICE_TOKEN: 'the-service-token-of-this-run-alone',
};

async function main(): Promise<void> {
  const leash = createLeash();
  const { stopLater, stopAll } = stopOnSignal(leash, 130);
  const sound = await fuzz(leash, stopLater).finally(stopAll);
  process.exit(sound ? 0 : 1);
}

async function fuzz(leash: Leash, stopLater: (stop: () => Promise<void>) => void): Promise<boolean> {
  const command = await findSchemathesis();
  stopLater(() => rm(join(dataFolder, `test-${process.pid}`), { recursive: true, force: true }));
  const system = await startSystem(environment, { own: ['postgres', 'redis', 'temporal'] });
  stopLater(system.stop);
  const judge = createJudge(leash, command, await createCallers(system));
  // The doors side by side, at each one caller after the other.
  const sound = await Promise.all([judge(system.rest, visits.rest), judge(system.internal, visits.internal)]);
  const faults = await findFaults(system);
  for (const fault of faults) say(fault);
  const nothing = faults.length === 0 && sound.every(Boolean);
  say(nothing ? 'Nothing was found.' : 'Faults were found.');
  return nothing;
}

type Command = readonly [program: string, ...args: string[]];

/** Runs Schemathesis at a door as one caller after the other; shows what it says of those it is not content with. */
const createJudge =
  (leash: Leash, command: Command, callers: Callers) =>
  async (door: string, all: readonly Visit[]): Promise<boolean> => {
    let sound = true;
    for (const { caller, examples, phases = 'examples,coverage,fuzzing,stateful' } of all) {
      const [TOKEN_1, TOKEN_2, TOKEN_3] = callers.spare;
      const { code, output } = await run(leash, command, {
        args: ['--url', door, '--seed', seed, '--max-examples', String(examples), '--phases', phases],
        location: `${door}/openapi.json`,
        env: { TOKEN: callers[caller], TOKEN_1, TOKEN_2, TOKEN_3 },
      });
      if (code !== 0) process.stdout.write(output);
      say(`${caller} at ${door}: ${lastLine(output)}`);
      sound &&= code === 0;
    }
    return sound;
  };

interface Run {
  readonly location: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function run(leash: Leash, [program, ...before]: Command, { location, args, env }: Run) {
  const options = ['--no-color', '--config-file', config, 'run', location, ...args];
  const child = spawn(program, [...before, ...options], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  leash.hold(child, 'SIGTERM');
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, output: Buffer.concat(chunks).toString() };
}

const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1)?.replaceAll('=', '').trim() ?? '';

/** What no answer shows: processes that died, faults in the log, books that do not add up. */
async function findFaults(system: System): Promise<readonly string[]> {
  await untilQuiet(system.db);
  const breaks = await findBreaks(system.db);
  return [...system.lost(), ...breaks];
}

await main().catch(reportFault);
