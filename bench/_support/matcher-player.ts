/**
 * One engine in a process of its own: `fork` it with `ours` or `reference` and a scenario's file, and it answers every
 * message with a run of that scenario. Nothing but this engine ran in it before, and it has only seen the sink below.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { OrderBook, SelfTradePreventionMode, Side } from 'nodejs-order-book';
import { createBook } from '../../matcher/engine/book.ts';
import { hashFromScratch } from '../../matcher/engine/hash.ts';
import {
  type AmendCommand,
  type Book,
  type EventSink,
  type OrderCommand,
  type PriceLevel,
} from '../../matcher/engine/types.ts';
import { limits, type Command, type Scenario } from './scenarios.ts';

/** What a run's commands took, milliseconds. */
export interface Times {
  readonly wall: number;
  /** Processor time, that of garbage collection on another core included: other load hardly slows it. */
  readonly cpu: number;
}

/** A side's prices, best first, with the lots at each. */
type Lots = readonly (readonly [priceTicks: number, lots: number])[];

export interface Run extends Times {
  /** The book it leaves behind. */
  readonly bids: Lots;
  readonly asks: Lots;
  readonly commands: number;
  /** Of ours: how many events it told, and the state's hash. */
  readonly events: number;
  readonly hash: string;
}

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
      waits: () => (tally.events += 1),
      triggered: () => (tally.events += 1),
      amended: () => (tally.events += 1),
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

interface OurBatch {
  readonly kinds: readonly ('PLACE' | 'AMEND' | 'CANCEL')[];
  readonly commands: readonly (OrderCommand | AmendCommand | { readonly orderId: string })[];
}

function parseForOurs(text: string): OurBatch {
  const commands = parse(text);
  return {
    kinds: commands.map((command) => ('place' in command ? 'PLACE' : 'amend' in command ? 'AMEND' : 'CANCEL')),
    commands: commands.map((command) =>
      'place' in command ? command.place : 'amend' in command ? command.amend : command.cancel,
    ),
  };
}

function play(book: Book, { kinds, commands }: OurBatch, sink: EventSink): void {
  const idHashes = book.foresee(commands);
  for (let index = 0; index < commands.length; index += 1) {
    const kind = kinds[index];
    const command = commands[index]!;
    if (kind === 'CANCEL') book.cancel(command.orderId, 'USER', 0, sink, idHashes[index]);
    else if (kind === 'PLACE') book.place(command as OrderCommand, 0, sink, idHashes[index]);
    else if (book.amend(command as AmendCommand, 0, sink, idHashes[index]) !== undefined) assert.fail('refused');
  }
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
  assert.ok(gc !== undefined, 'the process was started with --expose-gc');
  gc();
}

const parse = (text: string) => JSON.parse(text) as Command[];

function runOurs(scenario: Scenario): Run {
  const book = createBook(limits);
  const tally = createTally();
  play(book, parseForOurs(scenario.preload), tally.sink);
  const eventsBefore = tally.events;
  const times = time(scenario, parseForOurs, (batch) => play(book, batch, tally.sink));
  const orders = [...book.orders('BUY'), ...book.orders('SELL')];
  const open = orders.reduce((sum, order) => sum + order.openLots, 0);
  assert.equal(tally.open + scenario.lots, open, 'every lot is traded, given back or open');
  assert.equal(book.hash(), hashFromScratch(orders, [], book));
  const { bids, asks } = book.depth(Infinity);
  const plain = (levels: readonly PriceLevel[]): Lots => levels.map(({ priceTicks, lots }) => [priceTicks, lots]);
  const events = tally.events - eventsBefore;
  const { commands } = scenario;
  return { ...times, bids: plain(bids), asks: plain(asks), commands, events, hash: book.hash() };
}

type LimitOptions = Parameters<OrderBook['limit']>[0];
type StopLimitOptions = Parameters<OrderBook['stopLimit']>[0];
type Update = Parameters<OrderBook['modify']>[1];
type ReferenceCommand =
  | { readonly kind: 'LIMIT'; readonly options: LimitOptions }
  | { readonly kind: 'STOP_LIMIT'; readonly options: StopLimitOptions }
  | { readonly kind: 'MODIFY'; readonly id: string; readonly update: Update }
  | { readonly kind: 'CANCEL'; readonly id: string };

/** Commands in the shape the reference takes. */
function parseForReference(text: string): ReferenceCommand[] {
  return parse(text).map((command) => {
    if ('cancel' in command) return { kind: 'CANCEL', id: command.cancel.orderId };
    if ('amend' in command) return { kind: 'MODIFY', id: command.amend.orderId, update: updateOf(command) };
    const { orderId, userId, side, lots, limitTicks, stopTicks, timeInForce } = command.place;
    const options = {
      id: orderId,
      side: side === 'BUY' ? Side.BUY : Side.SELL,
      size: lots,
      price: limitTicks,
      // Its enum is not exported; its values are these words.
      timeInForce: timeInForce as unknown as NonNullable<LimitOptions['timeInForce']>,
      // What every command of the scenarios asks for.
      accountId: userId,
      stpMode: SelfTradePreventionMode.EXPIRE_TAKER,
    };
    return stopTicks > 0
      ? { kind: 'STOP_LIMIT', options: { ...options, stopPrice: stopTicks } }
      : { kind: 'LIMIT', options };
  });
}

/** What is open of an order is its size. */
function updateOf({ amend, openLots }: Extract<Command, { readonly amend: AmendCommand }>): Update {
  return { price: amend.to.limitTicks, size: openLots };
}

function playReference(book: OrderBook, commands: readonly ReferenceCommand[]): void {
  for (const command of commands) {
    if (command.kind === 'CANCEL') book.cancel(command.id);
    else if (command.kind === 'LIMIT') book.limit(command.options);
    else if (command.kind === 'MODIFY') book.modify(command.id, command.update);
    else book.stopLimit(command.options);
  }
}

function runReference(scenario: Scenario): Run {
  const reference = new OrderBook();
  playReference(reference, parseForReference(scenario.preload));
  const times = time(scenario, parseForReference, (batch) => playReference(reference, batch));
  const [asks, bids] = reference.depth();
  const byPrice = (levels: readonly [number, number][]): Lots => [...levels].sort(([a], [b]) => a - b);
  const { commands } = scenario;
  return { ...times, bids: byPrice(bids).toReversed(), asks: byPrice(asks), commands, events: 0, hash: '' };
}

const [engine, file = ''] = process.argv.slice(2);
const run = engine === 'ours' ? runOurs : runReference;
const scenario = JSON.parse(readFileSync(file, 'utf8')) as Scenario;
process.on('message', () => process.send?.(run(scenario)));
