import { announceLevel, finish, goOnAlone, otherOf, rehash, unlink, type Core } from './core.ts';
import { worseThan, type Ladder, type Level } from './levels.ts';
import { releasedBy, reservedFor, type Order } from './orders.ts';
import { type EventSink, type SelfTradePrevention } from './types.ts';

/** Trades an incoming order against the book, best price first, first come first. False: prevention ended it. */
export function trade(core: Core, taker: Order, mode: SelfTradePrevention, sink: EventSink): boolean {
  const ladder = opposite(core, taker);
  let level = ladder.best;
  while (level !== undefined && reaches(taker, level) && wants(taker, level.priceTicks) > 0) {
    const bookChangedAt = level.lots;
    const goesOn = tradeAtLevel(core, taker, level, mode, sink);
    if (level.lots !== bookChangedAt) announceLevel(core, ladder, level, sink);
    if (!goesOn) return false;
    level = ladder.best;
  }
  return true;
}

/**
 * Whether an incoming order would be filled whole and at once. It would not as soon as any of it met an order of the
 * same user, whatever that prevention would do.
 */
export function isFillable(core: Core, taker: Order): boolean {
  let lots = taker.openLots;
  let budget = taker.budgetLeft;
  const isBudget = budget > 0;
  const ladder = opposite(core, taker);
  let level = ladder.best;
  while (level !== undefined && reaches(taker, level)) {
    const wanted = isBudget ? Math.floor(budget / level.priceTicks) : lots;
    if (wanted === 0) break;
    if (taker.user.open > 0 && meetsOwn(taker, level, wanted)) return false;
    const taken = Math.min(wanted, level.lots);
    lots -= taken;
    budget -= taken * level.priceTicks;
    if (taken < level.lots) break;
    level = worseThan(ladder, level);
  }
  return isBudget ? budget < taker.budgetLeft && isSpent(budget, level) : lots === 0;
}

/** The side an order trades against. */
export function opposite(core: Core, order: Order): Ladder {
  return order.isBuy ? core.asks : core.bids;
}

/** Whether an order's price, or protection price, allows a trade at a level. */
export function reaches(order: Order, level: Level): boolean {
  const { limitTicks } = order;
  return order.isBuy ? level.priceTicks <= limitTicks : level.priceTicks >= limitTicks;
}

/** Whether a budget buys nothing more: it is used up, or less than one lot at the next price. */
export function isSpent(budget: number, next: Level | undefined): boolean {
  return budget === 0 || (next !== undefined && budget < next.priceTicks);
}

/** The lots an incoming order still wants at a price. */
function wants(taker: Order, priceTicks: number): number {
  return taker.isBudget ? Math.floor(taker.budgetLeft / priceTicks) : taker.openLots;
}

function meetsOwn(taker: Order, level: Level, wanted: number): boolean {
  let left = wanted;
  for (let maker = level.first; maker !== undefined && left > 0; maker = maker.behind) {
    if (maker.user === taker.user) return true;
    left -= maker.openLots;
  }
  return false;
}

/** False: prevention ended the taker. */
function tradeAtLevel(core: Core, taker: Order, level: Level, mode: SelfTradePrevention, sink: EventSink): boolean {
  let maker = level.first;
  while (maker !== undefined) {
    const wanted = wants(taker, level.priceTicks);
    if (wanted === 0) return true;
    const lots = Math.min(wanted, maker.openLots);
    if (maker.user === taker.user) {
      if (!prevent(core, maker, taker, level, lots, mode, sink)) return false;
    } else {
      fill(core, maker, taker, level, lots, sink);
    }
    maker = level.first;
  }
  return true;
}

function fill(core: Core, maker: Order, taker: Order, level: Level, lots: number, sink: EventSink): void {
  const { priceTicks } = level;
  const quote = priceTicks * lots;
  if (core.others.size > 0) partLegs(core, maker, taker, sink);
  execute(maker, lots, quote);
  execute(taker, lots, quote);
  level.lots -= lots;
  core.tradeSeq += 1;
  core.lastTicks = priceTicks;
  if (core.highestTicks === 0) core.highestTicks = core.lowestTicks = priceTicks;
  else if (priceTicks > core.highestTicks) core.highestTicks = priceTicks;
  else if (priceTicks < core.lowestTicks) core.lowestTicks = priceTicks;
  const reserved = reservedFor(taker.isBuy ? taker : maker, lots);
  // A buy by quote amount reserves no price: what it spends is exact.
  const buyerRelease = reserved === 0 ? 0 : reserved - quote;
  sink.traded(core.tradeSeq, maker, taker, priceTicks, lots, buyerRelease);
  settleMaker(core, maker, level, sink);
}

/** Ends the other legs of two orders that trade. */
function partLegs(core: Core, maker: Order, taker: Order, sink: EventSink): void {
  for (const order of [maker, taker]) {
    const other = otherOf(core, order);
    if (other !== undefined) goOnAlone(core, order, other, sink);
  }
}

function execute(order: Order, lots: number, quote: number): void {
  order.executedLots += lots;
  order.executedQuote += quote;
  if (order.isBudget) order.budgetLeft -= quote;
  else order.openLots -= lots;
}

/** Ends a maker of which nothing is left, else brings the hash up to what is. */
function settleMaker(core: Core, maker: Order, level: Level, sink: EventSink): void {
  if (maker.openLots > 0) {
    rehash(core, maker);
    return;
  }
  unlink(core, maker, level);
  if (maker.preventedLots > 0) finish(core, maker, 'CANCELLED', 'SELF_TRADE_PREVENTION', sink);
  else finish(core, maker, 'FILLED', undefined, sink);
}

/** Two orders of one user meet: the taker's mode says who loses what. False: it ends the taker. */
function prevent(
  core: Core,
  maker: Order,
  taker: Order,
  level: Level,
  lots: number,
  mode: SelfTradePrevention,
  sink: EventSink,
): boolean {
  const quote = level.priceTicks * lots;
  const makerLoses = mode !== 'EXPIRE_TAKER';
  const takerLoses = mode !== 'EXPIRE_MAKER';
  const makerRelease = makerLoses ? loseToPrevention(core, maker, lots, quote) : 0;
  const takerRelease = takerLoses ? loseToPrevention(core, taker, lots, quote) : 0;
  sink.prevented(maker, taker, level.priceTicks, lots, makerRelease, takerRelease);
  if (makerLoses) {
    level.lots -= lots;
    const expires = mode !== 'DECREMENT';
    if (expires && maker.openLots > 0) {
      unlink(core, maker, level);
      level.lots -= maker.openLots;
      finish(core, maker, 'CANCELLED', 'SELF_TRADE_PREVENTION', sink);
    } else {
      settleMaker(core, maker, level, sink);
    }
  }
  return mode === 'EXPIRE_MAKER' || mode === 'DECREMENT';
}

/** Takes prevented lots away from an order and gives what they had reserved. */
function loseToPrevention(core: Core, order: Order, lots: number, quote: number): number {
  order.preventedLots += lots;
  if (order.isBudget) {
    order.budgetLeft -= quote;
    return quote;
  }
  const release = releasedBy(order, otherOf(core, order), lots);
  order.openLots -= lots;
  return release;
}
