/**
 * The matching engine alone on one core: five seeded scenarios, the worst of which counts, and the same commands on the
 * npm package nodejs-order-book in the same run. They are limit orders GTC and IOC and cancels by id: all that the
 * scenarios hold, and what both can do. Runs of the two take turns in one process after a warm-up of both; commands are
 * parsed and brought into each one's shape outside the clock; the best run counts, as other load only ever slows.
 * Both books are compared afterwards, and the engine's hash with one computed from scratch: a fast wrong run fails.
 */
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OrderBook, Side } from 'nodejs-order-book';
import { createBook } from '../matcher/engine/book.ts';
import { hashFromScratch } from '../matcher/engine/hash.ts';
import { type Book, type EventSink, type PriceLevel } from '../matcher/engine/types.ts';
import { atLeast, round, writeReport } from './_support/report.ts';
import { buildScenario, limits, scenarioNames, type Command, type Scenario } from './_support/scenarios.ts';

const commandCount = 200_000;
const runs = 5;

/** Reads what every event carries, as a sink that writes a journal would. */
interface Tally {
  readonly sink: EventSink;
  tradedLots: number;
  /** What orders brought, less what trades took from both sides and what was left of those that ended. */
  open: number;
  events: number;
}

function createTally(): Tally {
  const tally: Tally = {
    tradedLots: 0,
    open: 0,
    events: 0,
    sink: {
      rested: () => (tally.events += 1),
      traded: (_seq, _maker, _taker, _price, lots) => {
        tally.events += 1;
        tally.tradedLots += lots;
        tally.open -= 2 * lots;
      },
      prevented: () => assert.fail('buyers and sellers are different users'),
      finished: (_order, _status, _reason, left) => {
        tally.events += 1;
        tally.open -= left;
      },
      levelChanged: () => (tally.events += 1),
    },
  };
  return tally;
}

function play(book: Book, commands: readonly Command[], sink: EventSink): void {
  for (const command of commands) {
    if ('place' in command) book.place(command.place, 0, sink);
    else book.cancel(command.cancel, 'USER', 0, sink);
  }
}

/** What a run's commands took, milliseconds. */
interface Times {
  readonly wall: number;
  /** Processor time, that of garbage collection on another core included: other load hardly slows it. */
  readonly cpu: number;
}

/** Plays a scenario's batches, and times it without the making of each batch. */
function time<Batch>(
  { batches }: Scenario,
  prepare: (text: string) => Batch,
  playBatch: (batch: Batch) => void,
): Times {
  collectGarbage();
  let wall = 0;
  let cpu = 0;
  for (const text of batches) {
    const batch = prepare(text);
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    playBatch(batch);
    wall += performance.now() - started;
    const { user, system } = process.cpuUsage(cpuBefore);
    cpu += (user + system) / 1000;
  }
  return { wall, cpu };
}

/** So that no run pays for what the one before left behind. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

const parse = (text: string) => JSON.parse(text) as Command[];

interface OurRun extends Times {
  readonly book: Book;
  readonly events: number;
}

function runOurs(scenario: Scenario): OurRun {
  const book = createBook(limits);
  const tally = createTally();
  play(book, parse(scenario.preload), tally.sink);
  const eventsBefore = tally.events;
  const times = time(scenario, parse, (batch) => play(book, batch, tally.sink));
  const orders = [...book.orders('BUY'), ...book.orders('SELL')];
  const open = orders.reduce((sum, order) => sum + order.openLots, 0);
  assert.equal(tally.open + scenario.lots, open, 'every lot is traded, given back or open');
  assert.equal(book.hash(), hashFromScratch(orders, book.bookSeq, book.tradeSeq, book.lastTicks));
  return { ...times, book, events: tally.events - eventsBefore };
}

type LimitOptions = Parameters<OrderBook['limit']>[0];

/** Commands in the shape the reference takes. */
function parseForReference(text: string): (LimitOptions | string)[] {
  return parse(text).map((command) => {
    if ('cancel' in command) return command.cancel;
    const { orderId, side, lots, limitTicks, timeInForce } = command.place;
    return {
      id: orderId,
      side: side === 'BUY' ? Side.BUY : Side.SELL,
      size: lots,
      price: limitTicks,
      // Its enum is not exported; its values are these words.
      timeInForce: timeInForce as unknown as NonNullable<LimitOptions['timeInForce']>,
    };
  });
}

function playReference(book: OrderBook, commands: readonly (LimitOptions | string)[]): void {
  for (const command of commands) {
    if (typeof command === 'string') book.cancel(command);
    else book.limit(command);
  }
}

/** The reference on the same commands; its book must then be ours. */
function runReference(scenario: Scenario, ours: Book): Times {
  const reference = new OrderBook();
  playReference(reference, parseForReference(scenario.preload));
  const times = time(scenario, parseForReference, (batch) => playReference(reference, batch));
  const [asks, bids] = reference.depth();
  const depth = ours.depth(Infinity);
  const plain = (levels: readonly PriceLevel[]) => levels.map(({ priceTicks, lots }) => [priceTicks, lots]);
  const byPrice = (levels: readonly [number, number][]) => [...levels].sort(([a], [b]) => a - b);
  assert.deepEqual(byPrice(asks), plain(depth.asks), 'both engines hold the same asks');
  assert.deepEqual(byPrice(bids).reverse(), plain(depth.bids), 'both engines hold the same bids');
  return times;
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

function measure(name: string): Result {
  const scenario = buildScenario(name, commandCount);
  const ours: OurRun[] = [];
  const reference: Times[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const ran = runOurs(scenario);
    reference.push(runReference(scenario, ran.book));
    ours.push(ran);
  }
  assert.equal(new Set(ours.map(({ book }) => book.hash())).size, 1, 'every run ends in the same state');
  const { commands } = scenario;
  return { name, commands, events: ours[0]?.events ?? 0, ours: best(ours), reference: best(reference) };
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

const results = scenarioNames.map(measure);
const rows = results.map(rowOf);
const all = rowOf(sum(results));
const worst = Math.min(...rows.map((row) => row['commands/s']));
writeReport({
  name: 'matcher',
  load:
    `the engine alone, one core, ${commandCount} commands a scenario (limit GTC and IOC, cancel) in batches of 1 000 ` +
    `parsed outside the clock, best of ${runs} runs after a warm-up; reference: nodejs-order-book on the same ` +
    'commands, its runs between ours',
  goals: [
    atLeast('commands/s of the worst scenario', worst, 1_000_000),
    atLeast('commands/s of the worst scenario, floor', worst, 500_000),
    atLeast('ratio to nodejs-order-book over all commands', all.ratio, 10),
    atLeast('smallest ratio to nodejs-order-book of a scenario', Math.min(...rows.map(({ ratio }) => ratio)), 10),
  ],
  rows: [...rows, all],
  charted: 'commands/s',
});
