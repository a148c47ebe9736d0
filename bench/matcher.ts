/**
 * The matching engine alone on one core: five seeded scenarios, the worst of which counts, and the same commands on the
 * npm package nodejs-order-book in the same run. They are limit orders GTC and IOC, stop-limit orders, amends that move
 * an order's price, and cancels by id: all that the scenarios hold, and what both can do, self-trade prevention on in
 * both. One process writes the scenarios; each engine then has a process of its own for each, and their runs take turns
 * after a warm-up of both. Commands are parsed and brought into each one's shape outside the clock; the best run
 * counts, as other load only ever slows. Both books are compared after each run, and the engine's hash with one
 * computed from scratch: a fast wrong run fails.
 */
import assert from 'node:assert/strict';
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Run, Times } from './_support/matcher-player.ts';
import { atLeast, round, writeReport } from './_support/report.ts';
import { scenarioNames } from './_support/scenarios.ts';

const commandCount = 200_000;
const runs = 9;

const support = (file: string): string => fileURLToPath(new URL(`_support/${file}`, import.meta.url));

/** A process that plays one scenario, as often as it is asked to, on one engine. */
function startPlayer(engine: 'ours' | 'reference', file: string): ChildProcess {
  return fork(support('matcher-player.ts'), [engine, file], { execArgv: [...process.execArgv, '--expose-gc'] });
}

async function play(player: ChildProcess): Promise<Run> {
  const ended = new AbortController();
  const failure = once(player, 'exit', { signal: ended.signal }).then(() => assert.fail('a player ended early'));
  player.send('play');
  const [run] = (await Promise.race([once(player, 'message'), failure])) as [Run];
  failure.catch(() => undefined);
  ended.abort();
  return run;
}

/** The best of all runs but the first, which warms up. */
function best([, ...measured]: readonly Times[]): Times {
  return {
    wall: Math.min(...measured.map(({ wall }) => wall)),
    cpu: Math.min(...measured.map(({ cpu }) => cpu)),
  };
}

interface Result {
  readonly name: string;
  readonly commands: number;
  readonly events: number;
  readonly ours: Times;
  readonly reference: Times;
}

async function measure(folder: string, name: string): Promise<Result> {
  const file = join(folder, `${name}.json`);
  const [our, their] = [startPlayer('ours', file), startPlayer('reference', file)];
  const ours: Run[] = [];
  const reference: Run[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const ran = await play(our);
    const other = await play(their);
    assert.deepEqual(ran.asks, other.asks, 'both engines hold the same asks');
    assert.deepEqual(ran.bids, other.bids, 'both engines hold the same bids');
    ours.push(ran);
    reference.push(other);
  }
  our.disconnect();
  their.disconnect();
  assert.equal(new Set(ours.map(({ hash }) => hash)).size, 1, 'every run ends in the same state');
  const { commands = 0, events = 0 } = ours[0] ?? {};
  return { name, commands, events, ours: best(ours), reference: best(reference) };
}

function sum(results: readonly Result[]): Result {
  const add = (a: Times, b: Times): Times => ({ wall: a.wall + b.wall, cpu: a.cpu + b.cpu });
  return results.reduce((a, b) => ({
    name: 'all five',
    commands: a.commands + b.commands,
    events: a.events + b.events,
    ours: add(a.ours, b.ours),
    reference: add(a.reference, b.reference),
  }));
}

function rowOf({ name, commands, events, ours, reference }: Result) {
  const rate = (milliseconds: number): number => Math.round((commands / milliseconds) * 1000);
  return {
    scenario: name,
    'commands/s': rate(ours.wall),
    'commands/CPU s': rate(ours.cpu),
    'events/command': round(events / commands),
    'reference/s': rate(reference.wall),
    'reference/CPU s': rate(reference.cpu),
    ratio: round(reference.wall / ours.wall),
    'CPU ratio': round(reference.cpu / ours.cpu),
  };
}

async function measureAll(): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'matcher-bench-'));
  try {
    execFileSync(process.execPath, [...process.execArgv, support('write-scenarios.ts'), folder, String(commandCount)]);
    const results: Result[] = [];
    for (const name of scenarioNames) results.push(await measure(folder, name));
    return results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const results = await measureAll();
const rows = results.map(rowOf);
const all = rowOf(sum(results));
const worst = Math.min(...rows.map((row) => row['commands/s']));
writeReport({
  name: 'matcher',
  load:
    `the engine alone in a process of its own, one core, ${commandCount} commands a scenario (limit GTC and ` +
    `IOC, stop-limit, amend, cancel) in batches of 1 000 parsed outside the clock, best of ${runs} runs after a ` +
    'warm-up; reference: nodejs-order-book on the same commands in a process of its own, its runs between ours',
  goals: [
    atLeast('commands/s of the worst scenario', worst, 1_000_000),
    atLeast('commands/s of the worst scenario, floor', worst, 500_000),
    atLeast('ratio to nodejs-order-book over all commands', all.ratio, 10),
    atLeast('smallest ratio to nodejs-order-book of a scenario', Math.min(...rows.map(({ ratio }) => ratio)), 10),
  ],
  rows: [...rows, all],
  charted: 'commands/s',
});
