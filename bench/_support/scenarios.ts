import { createBook } from '../../matcher/engine/book.ts';
import { type EventSink, type MarketLimits, type OrderCommand, type Side } from '../../matcher/engine/types.ts';
import { createRandom, type Random } from './random.ts';

export const limits: MarketLimits = { status: 'ACTIVE', minTicks: 1, maxTicks: 2 ** 30, minLots: 1, maxLots: 2 ** 20 };

export type Command = { readonly place: OrderCommand } | { readonly cancel: string };

/** Commands as JSON, to be parsed anew for every run: an engine never sees a string, or its hash, a second time. */
export interface Scenario {
  readonly name: string;
  /** Applied before the clock starts. */
  readonly preload: string;
  /** The commands in batches, as they come from a stream. */
  readonly batches: readonly string[];
  readonly commands: number;
  /** The lots of all orders in it. */
  readonly lots: number;
}

/** How a scenario goes on from a book: adds one or more commands. */
type Step = (hand: Hand) => void;

const middle = 5_000_000;
const batchSize = 1_000;

/** Writes commands while playing them against a book, so that cancels name orders that are open. */
interface Hand {
  readonly random: Random;
  limit(side: Side, priceTicks: number, lots: number, timeInForce?: 'GTC' | 'IOC'): void;
  /** Takes back an open order picked at random; false when there is none. */
  cancel(): boolean;
  anySide(): Side;
  readonly openOrders: number;
}

const scenarios: Readonly<Record<string, { readonly rests: number; readonly levels: number; readonly step: Step }>> = {
  balanced: { rests: 1_000, levels: 200, step: balanced },
  'cancel-heavy': { rests: 5_000, levels: 1_000, step: cancelHeavy },
  'deep book': { rests: 100_000, levels: 50_000, step: deepBook },
  'sweep-heavy': { rests: 5_000, levels: 500, step: sweepHeavy },
  'cancel-replace': { rests: 5_000, levels: 500, step: cancelReplace },
};

export const scenarioNames: readonly string[] = Object.keys(scenarios);

/** The seeded scenario of that name with `count` commands. */
export function buildScenario(name: string, count: number): Scenario {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`No scenario is named ${name}.`);
  const commands: Command[] = [];
  const hand = createHand(commands, createRandom(20_261_121));
  while (commands.length < scenario.rests) restApart(hand, scenario.levels);
  const preload = JSON.stringify(commands);
  const preloaded = commands.length;
  while (commands.length < preloaded + count) scenario.step(hand);
  const lots = commands.reduce((sum, command) => sum + ('place' in command ? command.place.lots : 0), 0);
  const batches: string[] = [];
  for (let from = preloaded; from < commands.length; from += batchSize) {
    batches.push(JSON.stringify(commands.slice(from, from + batchSize)));
  }
  return { name, preload, batches, commands: commands.length - preloaded, lots };
}

/** Rests, takes and cancels in equal parts around a price that stands. */
function balanced(hand: Hand): void {
  const pick = hand.random.below(10);
  if (pick < 5 || hand.openOrders < 500) restApart(hand, 200);
  else if (pick < 7) takeFrom(hand, 2, 30);
  else hand.cancel();
}

/** Makers that place and take back. */
function cancelHeavy(hand: Hand): void {
  if (hand.openOrders < 5_000) restApart(hand, 1_000);
  else if (hand.random.below(20) === 0) takeFrom(hand, 5, 20);
  else hand.cancel();
}

/** 100 000 orders on tens of thousands of levels; what comes lands anywhere. */
function deepBook(hand: Hand): void {
  if (hand.openOrders < 100_000) restApart(hand, 50_000);
  else if (hand.random.below(5) === 0) takeFrom(hand, 100, 20);
  else hand.cancel();
}

/** Small makers, and takers that eat dozens of them over many levels. */
function sweepHeavy(hand: Hand): void {
  if (hand.openOrders < 4_000) restApart(hand, 500);
  else takeFrom(hand, 500, 400);
}

/** Quotes that move: an order taken back and another placed, over and over. */
function cancelReplace(hand: Hand): void {
  hand.cancel();
  restApart(hand, 500);
}

function restApart(hand: Hand, levels: number): void {
  const side = hand.anySide();
  const away = 1 + Math.min(hand.random.below(levels), hand.random.below(levels));
  hand.limit(side, side === 'BUY' ? middle - away : middle + away, 1 + hand.random.below(20));
}

function takeFrom(hand: Hand, reach: number, lots: number): void {
  const side = hand.anySide();
  hand.limit(side, side === 'BUY' ? middle + reach : middle - reach, 1 + hand.random.below(lots), 'IOC');
}

function createHand(commands: Command[], random: Random): Hand {
  const book = createBook(limits);
  const open: string[] = [];
  const places = new Map<string, number>();
  const forget = (id: string): void => {
    const place = places.get(id);
    const last = open.pop();
    if (place === undefined || last === undefined) throw new Error('An order ended that was not open.');
    places.delete(id);
    if (last === id) return;
    open[place] = last;
    places.set(last, place);
  };
  const sink: EventSink = {
    rested: ({ id }) => places.set(id, open.push(id) - 1),
    waits: () => undefined,
    triggered: () => undefined,
    amended: () => undefined,
    traded: () => undefined,
    prevented: () => undefined,
    finished: ({ id, prioritySeq }) => {
      if (prioritySeq > 0) forget(id);
    },
    levelChanged: () => undefined,
  };
  let made = 0;
  return {
    random,
    limit(side, limitTicks, lots, timeInForce = 'GTC') {
      made += 1;
      const place = createCommand(made, side, limitTicks, lots, timeInForce, random.below(500));
      commands.push({ place });
      book.place(place, 0, sink);
    },
    cancel() {
      const id = open[random.below(Math.max(1, open.length))];
      if (id === undefined) return false;
      commands.push({ cancel: id });
      return book.cancel(id, 'USER', 0, sink);
    },
    anySide: () => (random.below(2) === 0 ? 'BUY' : 'SELL'),
    get openOrders() {
      return open.length;
    },
  };
}

/**
 * Buyers and sellers are different users: prevention is looked for at every trade but never strikes, as the two
 * engines end a taker that it strikes in different ways.
 */
function createCommand(
  made: number,
  side: Side,
  limitTicks: number,
  lots: number,
  timeInForce: 'GTC' | 'IOC',
  user: number,
): OrderCommand {
  return {
    orderId: uuid(made),
    userId: uuid(user + (side === 'BUY' ? 0 : 1_000)),
    side,
    orderType: 'LIMIT',
    timeInForce,
    postOnly: false,
    selfTradePrevention: 'EXPIRE_TAKER',
    lots,
    limitTicks,
    stopTicks: 0,
    reserveTicks: side === 'BUY' ? limitTicks : 0,
    budget: 0,
    createdAt: 0,
    expiresAt: 0,
  };
}

/** An id as long as a real one, and as hard to hash: its last 48 bits are spread as random ones are. */
function uuid(number: number): string {
  // An odd factor gives every number another product modulo 2^48.
  const spread = (BigInt(number) * 0x9e37_79b9_7f4bn) & 0xffff_ffff_ffffn;
  return `0193f000-0000-7000-8000-${spread.toString(16).padStart(12, '0')}`;
}
