import { invariant } from '../../domain/errors.ts';
import { type Rescaling } from '../../domain/trading/steps.ts';
import { rehash, rehashStop, type Core } from './core.ts';
import { dyingOf } from './dying.ts';
import { worseThan, type Ladder, type Level } from './levels.ts';
import { type Order } from './orders.ts';
import { addPrice, createPrices, reachLeaf } from './prices.ts';
import { type AmendCommand, type MarketLimits, type OrderCommand, type OrderTerms } from './types.ts';

/**
 * Counts a whole book in finer steps: each tick becomes so many, and each lot. Orders keep their places, levels theirs
 * among each other, and nothing of it is told: in decimals nothing changed. Throws before anything changed when an
 * amount of an order would be no exact number any more, at prices up to `limits`, which are in the new steps.
 */
export function rescale(core: Core, by: Rescaling, limits: MarketLimits): void {
  const ladders = [core.bids, core.asks, core.buyStops, core.sellStops];
  for (const ladder of ladders) for (const level of levelsOf(ladder)) assertExactLevel(level, by, limits.maxTicks);
  for (const order of dyingOf(core)) assertExact(order, by, limits.maxTicks);
  invariant(Number.isSafeInteger(core.lastTicks * by.ticks), 'the last price is an exact number in new ticks');
  core.lastTicks *= by.ticks;
  for (const ladder of ladders) rescaleLadder(core, ladder, by);
  for (const order of dyingOf(core)) rescaleOrder(core, order, by);
}

/** An order as it is in finer steps; any order that has the engine's numbers. */
export function rescaledOrder<T extends OrderCommand>(order: T, { ticks, lots }: Rescaling): T {
  return {
    ...order,
    lots: order.lots * lots,
    limitTicks: order.limitTicks * ticks,
    stopTicks: order.stopTicks * ticks,
    reserveTicks: order.reserveTicks * ticks,
    budget: order.budget * ticks * lots,
  };
}

/** An amend as it is in finer steps. */
export function rescaledAmend<T extends AmendCommand>(amend: T, isBuy: boolean, { ticks, lots }: Rescaling): T {
  const rescaled = (terms: OrderTerms): OrderTerms => ({
    lots: terms.lots * lots,
    limitTicks: terms.limitTicks * ticks,
    stopTicks: terms.stopTicks * ticks,
  });
  const funds = amend.funds * lots * (isBuy ? ticks : 1);
  return { ...amend, from: rescaled(amend.from), to: rescaled(amend.to), funds };
}

function assertExactLevel(level: Level, by: Rescaling, maxTicks: number): void {
  invariant(Number.isSafeInteger(level.lots * by.lots), 'what a level holds is an exact number of new lots');
  for (let order = level.first; order !== undefined; order = order.behind) assertExact(order, by, maxTicks);
}

function assertExact(order: Order, { ticks, lots }: Rescaling, maxTicks: number): void {
  const whole = (order.openLots + order.executedLots + order.preventedLots) * lots;
  const highest = Math.max(maxTicks, Math.max(order.limitTicks, order.stopTicks, order.reserveTicks) * ticks);
  const amounts = [highest * whole, order.executedQuote * ticks * lots, order.budgetLeft * ticks * lots];
  invariant(amounts.every(Number.isSafeInteger), 'what an order is worth is an exact number of new ticks × lots');
}

/** The levels keep their order, so a new tree of their prices is all that finding them needs. */
function rescaleLadder(core: Core, ladder: Ladder, by: Rescaling): void {
  const levels = [...levelsOf(ladder)];
  const prices = createPrices();
  ladder.prices = prices;
  for (const level of levels) {
    level.priceTicks *= by.ticks;
    level.lots *= by.lots;
    level.leaf = reachLeaf(prices, level.priceTicks);
    addPrice(prices, level.leaf, level.priceTicks, level.number);
    for (let order = level.first; order !== undefined; order = order.behind) rescaleOrder(core, order, by);
  }
}

function rescaleOrder(core: Core, order: Order, by: Rescaling): void {
  const { ticks, lots } = by;
  order.limitTicks *= ticks;
  order.stopTicks *= ticks;
  order.reserveTicks *= ticks;
  order.openLots *= lots;
  order.executedLots *= lots;
  order.preventedLots *= lots;
  order.executedQuote *= ticks * lots;
  order.budgetLeft *= ticks * lots;
  if (order.waiting === undefined) return rehash(core, order);
  order.waiting = rescaledOrder(order.waiting, by);
  rehashStop(core, order);
}

function* levelsOf(ladder: Ladder): Iterable<Level> {
  for (let level = ladder.best; level !== undefined; level = worseThan(ladder, level)) yield level;
}
