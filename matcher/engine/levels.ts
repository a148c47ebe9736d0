import { type Order } from './orders.ts';
import { addPrice, createPrices, nextPrice, numberOf, reachLeaf, removePrice, type Prices } from './prices.ts';

/** The orders of one side at one price, first come first. */
export interface Level {
  priceTicks: number;
  /** Its place in the ladder's `levels`, kept for life. */
  readonly number: number;
  /** The lowest node its price is in. */
  leaf: number;
  lots: number;
  orders: number;
  first: Order | undefined;
  last: Order | undefined;
}

/**
 * One side's levels by price, and the best at hand. Levels are not linked to their neighbours: links cost two writes
 * far off in memory for each level that comes or goes, and the next one is seldom asked for.
 */
export interface Ladder {
  readonly isBuy: boolean;
  best: Level | undefined;
  /** The prices of the levels, each with its level's number. */
  prices: Prices;
  /** By number. A level that is empty stays here, to be used again: levels come and go with every second command. */
  readonly levels: Level[];
  readonly emptied: Level[];
}

export function createLadder(isBuy: boolean): Ladder {
  return { isBuy, best: undefined, prices: createPrices(), levels: [], emptied: [] };
}

/** The level at a price, made when there is none. O(1) at the best, else O(log price). */
export function levelAt(ladder: Ladder, priceTicks: number): Level {
  const { best, levels, prices, isBuy } = ladder;
  if (best !== undefined && priceTicks === best.priceTicks) return best;
  const leaf = reachLeaf(prices, priceTicks);
  const found = numberOf(prices, leaf, priceTicks);
  if (found >= 0) return levels[found] ?? missing();
  const level = takeLevel(ladder, priceTicks, leaf);
  addPrice(prices, leaf, priceTicks, level.number);
  if (best === undefined || priceTicks > best.priceTicks === isBuy) ladder.best = level;
  return level;
}

/** Takes an empty level out. */
export function removeLevel(ladder: Ladder, level: Level): void {
  if (level === ladder.best) ladder.best = worseThan(ladder, level);
  removePrice(ladder.prices, level.leaf, level.priceTicks);
  ladder.emptied.push(level);
}

/** The next level away from the other side of one that is not taken out. O(log price). */
export function worseThan({ prices, levels, isBuy }: Ladder, level: Level): Level | undefined {
  const next = nextPrice(prices, level.leaf, level.priceTicks, !isBuy);
  return next < 0 ? undefined : levels[next];
}

/** Puts an order at the end of a level's line. */
export function enqueue(level: Level, order: Order): void {
  order.level = level;
  order.ahead = level.last;
  if (level.last === undefined) level.first = order;
  else level.last.behind = order;
  level.last = order;
  level.orders += 1;
  level.lots += order.openLots;
}

/** Takes an order out of its level's line; the level's lots are the caller's to keep. O(1). */
export function dequeue(level: Level, order: Order): void {
  const { ahead, behind } = order;
  if (ahead === undefined) level.first = behind;
  else ahead.behind = behind;
  if (behind === undefined) level.last = ahead;
  else behind.ahead = ahead;
  order.ahead = undefined;
  order.behind = undefined;
  order.level = undefined;
  level.orders -= 1;
}

/** A level without orders: one that was emptied where there is one. */
function takeLevel({ levels, emptied }: Ladder, priceTicks: number, leaf: number): Level {
  const level = emptied.pop();
  if (level !== undefined) {
    level.priceTicks = priceTicks;
    level.leaf = leaf;
    return level;
  }
  const number = levels.length;
  const made: Level = {
    priceTicks,
    number,
    leaf,
    lots: 0,
    orders: 0,
    first: undefined,
    last: undefined,
  };
  levels.push(made);
  return made;
}

function missing(): never {
  throw new Error('Invariant broken: a price has its level');
}
