import { createBook } from '../../matcher/engine/book.ts';
import {
  type AmendCommand,
  type EngineOrder,
  type EventSink,
  type MarketLimits,
  type OrderCommand,
  type Side,
} from '../../matcher/engine/types.ts';
import { createRandom, type Random } from './random.ts';

export const limits: MarketLimits = { status: 'ACTIVE', minTicks: 1, maxTicks: 2 ** 30, minLots: 1, maxLots: 2 ** 20 };

export type Command =
  | { readonly place: OrderCommand }
  | { readonly amend: AmendCommand; readonly openLots: number }
  | { readonly cancel: { readonly orderId: string } };

/** Commands as JSON, to be parsed anew for every run: an engine never sees a string, or its hash, a second time. */
export interface Scenario {
  readonly name: string;
  /** Applied before the clock starts. */
  readonly preload: string;
  /** The commands in batches, as they come from a stream. */
  readonly batches: readonly string[];
  readonly commands: number;
  /** The lots of all orders in it, as amended. */
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
  /** A stop that becomes a limit order IOC. */
  stop(side: Side, stopTicks: number, limitTicks: number, lots: number): void;
  /** Takes back a resting order picked at random; false when there is none. */
  cancel(): boolean;
  /** Gives a resting order picked at random, if there is one, another price so far from the middle, and other lots. */
  move(away: number, openLots: number): void;
  anySide(): Side;
  readonly openOrders: number;
  /** 0 before the first trade. */
  readonly lastTicks: number;
  /** Whether a stop of that side waits. */
  waits(side: Side): boolean;
}

const scenarios: Readonly<Record<string, { readonly rests: number; readonly levels: number; readonly step: Step }>> = {
  balanced: { rests: 1_000, levels: 200, step: balanced },
  'cancel-heavy': { rests: 5_000, levels: 1_000, step: cancelHeavy },
  'deep book': { rests: 100_000, levels: 50_000, step: deepBook },
  'sweep-heavy': { rests: 5_000, levels: 500, step: sweepHeavy },
  'amend and stops': { rests: 5_000, levels: 500, step: amendAndStops },
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
  // Stops are in no depth: none is left to wait.
  while (commands.length < preloaded + count || hand.waits('BUY') || hand.waits('SELL')) scenario.step(hand);
  const lots = commands.reduce((sum, command) => sum + lotsOf(command), 0);
  const batches: string[] = [];
  for (let from = preloaded; from < commands.length; from += batchSize) {
    batches.push(JSON.stringify(commands.slice(from, from + batchSize)));
  }
  return { name, preload, batches, commands: commands.length - preloaded, lots };
}

function lotsOf(command: Command): number {
  if ('amend' in command) return command.amend.to.lots - command.amend.from.lots;
  return 'place' in command ? command.place.lots : 0;
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

/**
 * Quotes that move by amends, beside all else, and stops that wait one step beyond the best price of their side for the
 * next taker. Each amend asks for another price and each taker triggers one stop at most: the engines lose an order's
 * place, and queue what was triggered, by different rules otherwise.
 */
function amendAndStops(hand: Hand): void {
  const pick = hand.random.below(20);
  if (pick < 5 || hand.openOrders < 5_000) restApart(hand, 500);
  else if (pick < 13) hand.move(someway(hand, 500), 1 + hand.random.below(20));
  else if (pick < 16) hand.cancel();
  else if (pick < 18) takeFrom(hand, 50, 6);
  else waitFor(hand);
}

/** A stop on the side that traded last but one, where the next trade triggers it; a taker if one waits there. */
function waitFor(hand: Hand): void {
  const side = hand.lastTicks < middle ? 'BUY' : 'SELL';
  const up = side === 'BUY' ? 1 : -1;
  if (hand.lastTicks === 0 || hand.waits(side)) takeFrom(hand, 50, 6);
  else hand.stop(side, middle + up, middle + 50 * up, 1 + hand.random.below(6));
}

function restApart(hand: Hand, levels: number): void {
  const side = hand.anySide();
  const away = someway(hand, levels);
  hand.limit(side, side === 'BUY' ? middle - away : middle + away, 1 + hand.random.below(20));
}

/** Ticks from the middle, more often few. */
function someway({ random }: Hand, levels: number): number {
  return 1 + Math.min(random.below(levels), random.below(levels));
}

function takeFrom(hand: Hand, reach: number, lots: number): void {
  const side = hand.anySide();
  hand.limit(side, side === 'BUY' ? middle + reach : middle - reach, 1 + hand.random.below(lots), 'IOC');
}

function createHand(commands: Command[], random: Random): Hand {
  const book = createBook(limits);
  const open: string[] = [];
  const places = new Map<string, number>();
  const waiting = new Set<Side>();
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
    rested: ({ id }) => {
      // One that an amend moved is among them.
      if (!places.has(id)) places.set(id, open.push(id) - 1);
    },
    waits: ({ isBuy }) => waiting.add(isBuy ? 'BUY' : 'SELL'),
    triggered: ({ isBuy }) => waiting.delete(isBuy ? 'BUY' : 'SELL'),
    amended: () => undefined,
    traded: () => undefined,
    prevented: () => undefined,
    finished: ({ id, prioritySeq }) => {
      if (prioritySeq > 0) forget(id);
    },
    levelChanged: () => undefined,
  };
  const pick = (): string | undefined => open[random.below(Math.max(1, open.length))];
  let made = 0;
  const give = (side: Side, limitTicks: number, lots: number, timeInForce: 'GTC' | 'IOC', stopTicks: number): void => {
    made += 1;
    const place = createCommand(made, side, limitTicks, lots, timeInForce, random.below(500), stopTicks);
    commands.push({ place });
    book.place(place, 0, sink);
  };
  return {
    random,
    limit: (side, limitTicks, lots, timeInForce = 'GTC') => give(side, limitTicks, lots, timeInForce, 0),
    stop: (side, stopTicks, limitTicks, lots) => give(side, limitTicks, lots, 'IOC', stopTicks),
    cancel() {
      const orderId = pick();
      if (orderId === undefined) return false;
      commands.push({ cancel: { orderId } });
      return book.cancel(orderId, 'USER', 0, sink);
    },
    move(away, openLots) {
      const order = book.find(pick() ?? '');
      if (order === undefined) return;
      const amend = createAmend(order, away, openLots);
      commands.push({ amend, openLots });
      book.amend(amend, 0, sink);
    },
    waits: (side) => waiting.has(side),
    anySide: () => (random.below(2) === 0 ? 'BUY' : 'SELL'),
    get openOrders() {
      return open.length;
    },
    get lastTicks() {
      return book.lastTicks;
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
  stopTicks: number,
): OrderCommand {
  return {
    orderId: uuid(made),
    userId: uuid(user + (side === 'BUY' ? 0 : 1_000)),
    side,
    orderType: stopTicks > 0 ? 'STOP_LIMIT' : 'LIMIT',
    timeInForce,
    postOnly: false,
    selfTradePrevention: 'EXPIRE_TAKER',
    lots,
    limitTicks,
    stopTicks,
    reserveTicks: side === 'BUY' ? limitTicks : 0,
    budget: 0,
    createdAt: 0,
    expiresAt: 0,
  };
}

/** Another price, which alone loses an order its place in both engines. */
function createAmend(order: EngineOrder, away: number, openLots: number): AmendCommand {
  const { id, isBuy, limitTicks, executedLots } = order;
  const asked = isBuy ? middle - away : middle + away;
  const moved = asked === limitTicks ? asked + (isBuy ? -1 : 1) : asked;
  const more = isBuy ? moved * openLots - limitTicks * order.openLots : openLots - order.openLots;
  return {
    orderId: id,
    from: { lots: executedLots + order.openLots, limitTicks, stopTicks: 0 },
    to: { lots: executedLots + openLots, limitTicks: moved, stopTicks: 0 },
    postOnly: false,
    selfTradePrevention: 'EXPIRE_TAKER',
    funds: Math.max(0, more),
  };
}

/** An id as long as a real one, and as hard to hash: its last 48 bits are spread as random ones are. */
function uuid(number: number): string {
  // An odd factor gives every number another product modulo 2^48.
  const spread = (BigInt(number) * 0x9e37_79b9_7f4bn) & 0xffff_ffff_ffffn;
  return `0193f000-0000-7000-8000-${spread.toString(16).padStart(12, '0')}`;
}
