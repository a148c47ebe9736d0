import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { createRandom, type Random } from '../../bench/_support/random.ts';
import { findBreaks, untilQuiet } from './books.ts';
import { type Customer, type Load, startLoad } from './load.ts';
import type { System } from './system.ts';

/** How often each fault is repeated: once in a normal test run; `npm run chaos` asks for more. */
export const rounds = Number(process.env['CHAOS_ROUNDS'] ?? 1);

/** Where the random moments begin; printed by every test, so that CHAOS_SEED can repeat a run. */
const firstSeed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

let taken = 0;

export interface Chaos {
  readonly seed: number;
  readonly random: Random;
  /** Waits a random time in these milliseconds. */
  readonly moment: (least: number, most: number) => Promise<unknown>;
}

export function createChaos(t: ExecutionContext): Chaos {
  taken += 1;
  const seed = firstSeed + taken;
  t.log(`CHAOS_SEED=${firstSeed} (seed ${seed})`);
  const random = createRandom(seed);
  return { seed, random, moment: (least, most) => sleep(least + random.below(most - least)) };
}

export interface Trial {
  readonly system: System;
  readonly customers: readonly Customer[];
  readonly rate?: number;
  readonly targets?: readonly string[];
}

/** Milliseconds that one order takes to be answered and to leave PENDING. */
async function liveAgain({ system, customers }: Trial, seed: number): Promise<number> {
  const before = performance.now();
  const probe = startLoad({ targets: [system.rest], customers, rate: 20, seed: seed + 500_000 });
  while (probe.tally.placed === 0 && performance.now() - before < 30_000) await sleep(20);
  await probe.stop();
  await untilQuiet(system.db, 30_000);
  return performance.now() - before;
}

/**
 * The bank's oracle: adds up everything, again and again, until told to stop. Answers how often it could, and each sum
 * that was not zero.
 */
export async function watchTotals(
  { db }: System,
  over: AbortSignal,
): Promise<{ readonly reads: number; readonly wrong: readonly string[] }> {
  const wrong: string[] = [];
  let reads = 0;
  while (!over.aborted) {
    const totals = await db
      .many<{ asset: string; total: string }>(
        'SELECT asset, trim_scale(sum(balance))::text AS total FROM ledger.accounts GROUP BY asset',
      )
      .catch(() => undefined);
    if (totals !== undefined) reads += 1;
    wrong.push(...(totals ?? []).filter(({ total }) => total !== '0').map(({ asset, total }) => `${asset} ${total}`));
    await sleep(20);
  }
  return { reads, wrong };
}

/** The newest warnings and errors of each process: what a failed test is to be explained by. */
function troubles({ log }: System): string {
  const shown = (['api', 'matcher', 'workers'] as const).map((app) => {
    const lines = log(app).split('\n');
    const found = lines.filter((line) => line !== '' && !/"level":[123]0\b/.test(line));
    return [
      `${app}: ${found.length} of ${lines.length} lines`,
      ...found.slice(-10).map((line) => line.slice(0, 1_000)),
    ];
  });
  return shown.flat().join('\n');
}

/**
 * Runs `faults` under order load and then checks everything: no answer that must never be given, service within 30 s of
 * the last fault, nothing left on its way, and sound books in which each promise is kept. Answers what the load did.
 */
export async function underLoad(
  t: ExecutionContext,
  trial: Trial,
  chaos: Chaos,
  faults: (load: Load) => Promise<void>,
): Promise<Load> {
  const { system, customers, rate = 100, targets = [system.rest] } = trial;
  t.teardown(() => {
    if (!t.passed) console.log(troubles(system));
  });
  const load = startLoad({ targets, customers, rate, amendPercent: 15, listPercent: 10, seed: chaos.seed });
  try {
    await chaos.moment(300, 1_000);
    await faults(load);
  } finally {
    await load.stop();
  }
  const ms = await liveAgain(trial, chaos.seed);
  t.true(ms < 30_000, `it lives again ${Math.round(ms)} ms after the last fault`);
  const { placed, cancelled, amended, listed, retried, refused } = load.tally;
  const done = `${placed} placed, ${cancelled} cancelled, ${amended} amended, ${listed} lists`;
  t.log(`${done}, ${retried} retries, refused ${JSON.stringify(refused)}`);
  t.true(placed > 0);
  t.deepEqual(load.faults.slice(0, 5), []);
  t.deepEqual((await findBreaks(system.db, load.promised())).slice(0, 10), []);
  t.deepEqual(await system.db.any('SELECT check_of, subject, finding FROM ledger.breaks LIMIT 10'), [], 'no alarm');
  return load;
}
