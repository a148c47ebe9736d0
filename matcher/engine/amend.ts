import { invariant } from '../../domain/errors.ts';
import { announceLevel, otherOf, rehash, rehashStop, unlink, unlinkStop, wait, type Core } from './core.ts';
import { renewExpiry } from './expiries.ts';
import { act, actsAsMarket, findClosed, isCount, isWithin, wouldTrigger } from './intake.ts';
import { dequeue, enqueue, levelAt, type Ladder, type Level } from './levels.ts';
import { opposite } from './match.ts';
import { reservedFor, type Order } from './orders.ts';
import { type AmendCommand, type AmendedTerms, type AmendRefusal, type EventSink, type OrderTerms } from './types.ts';

/** Gives an order new terms, or says why it stays as it was. Its trades' stops are the caller's to fire. */
export function amend(core: Core, order: Order, asked: AmendCommand, sink: EventSink): AmendRefusal | undefined {
  // One that is sent again asks for what is there already, whatever it saw.
  const command = hasTerms(order, asked.to) ? { ...asked, from: asked.to } : asked;
  const refused = findRefusal(core, order, command);
  if (refused !== undefined) return refused;
  const terms = termsAfter(order, command);
  const release = command.funds - neededFor(order, command);
  if (terms.keepsPlace) lower(core, order, terms, release, sink);
  else if (order.waiting !== undefined) replaceStop(core, order, terms, release, sink);
  else replace(core, order, command, terms, release, sink);
  return undefined;
}

/** Throws when the numbers of a command are no amend's. */
export function assertAmend({ from, to, funds }: AmendCommand): void {
  invariant(isCount(to.limitTicks), 'an amended order has a worst price in whole ticks');
  invariant(from.lots === 0 ? to.lots === 0 : isCount(to.lots), 'an amended order has whole lots, or its budget');
  invariant(
    from.stopTicks === 0 ? to.stopTicks === 0 : isCount(to.stopTicks),
    'stops, and no others, have stop prices',
  );
  invariant(Number.isSafeInteger(to.limitTicks * Math.max(to.lots, 1)), 'an amended order reserves an exact amount');
  invariant(Number.isSafeInteger(funds) && funds >= 0, 'what is set aside for an amend is an exact amount');
}

/** Whether less of the order is all that changes, or nothing is. */
function keepsPlace({ from, to }: AmendCommand): boolean {
  return to.limitTicks === from.limitTicks && to.stopTicks === from.stopTicks && to.lots <= from.lots;
}

function findRefusal(core: Core, order: Order, command: AmendCommand): AmendRefusal | undefined {
  const { limits } = core;
  const { from, to, postOnly } = command;
  const { waiting } = order;
  if (otherOf(core, order) !== undefined) return 'ORDER_IN_LIST';
  const closed = findClosed(limits, postOnly);
  if (closed !== undefined) return closed;
  if (!isAsSeen(order, command)) return 'ORDER_CHANGED';
  if (!order.isBudget && to.lots <= goneLots(order)) return 'INVALID_QUANTITY';
  if (to.lots !== from.lots && (to.lots < limits.minLots || to.lots > limits.maxLots)) return 'INVALID_QUANTITY';
  // What only becomes less may keep a price that others could not ask for any more.
  if (keepsPlace(command)) return undefined;
  if (!isProtected(order) && !isWithin(limits, to.limitTicks)) return 'INVALID_PRICE';
  if (waiting === undefined)
    return postOnly && wouldTake(core, order, to.limitTicks) ? 'POST_ONLY_WOULD_TAKE' : undefined;
  if (!isWithin(limits, to.stopTicks)) return 'INVALID_PRICE';
  return wouldTrigger(core, order.isBuy, to.stopTicks) ? 'STOP_WOULD_TRIGGER' : undefined;
}

/**
 * Whether an order still has the terms that an amend was judged and funded by. It has not after another amend, nor for
 * a new stop price once its stop price came.
 */
function isAsSeen(order: Order, command: AmendCommand): boolean {
  const { from, to, funds } = command;
  return (
    hasTerms(order, from) &&
    (order.waiting !== undefined || to.stopTicks === from.stopTicks) &&
    neededFor(order, command) <= funds
  );
}

function hasTerms(order: Order, { lots, limitTicks, stopTicks }: OrderTerms): boolean {
  const ownLots = goneLots(order) + order.openLots;
  return ownLots === lots && order.limitTicks === limitTicks && order.stopTicks === stopTicks;
}

/** The lots of an order that nothing is reserved for any more. */
function goneLots({ executedLots, preventedLots }: Order): number {
  return executedLots + preventedLots;
}

/** Whether an order is a STOP, which has a protection price in place of a price. */
function isProtected({ waiting }: Order): boolean {
  return waiting !== undefined && actsAsMarket(waiting);
}

function wouldTake(core: Core, order: Order, limitTicks: number): boolean {
  const { best } = opposite(core, order);
  return best !== undefined && (order.isBuy ? best.priceTicks <= limitTicks : best.priceTicks >= limitTicks);
}

/** What an order has to reserve more, or less, for what is open of it: ticks × lots for a buy, lots for a sell. */
function neededFor(order: Order, command: AmendCommand): number {
  const open = command.to.lots - goneLots(order);
  const after = order.isBuy ? reserveTicksAfter(order, command) * open : open;
  return order.isBudget ? 0 : after - reservedFor(order, order.openLots);
}

function reserveTicksAfter({ isBuy, isBudget, reserveTicks }: Order, { from, to }: AmendCommand): number {
  if (!isBuy || isBudget || to.limitTicks === from.limitTicks) return reserveTicks;
  return to.limitTicks;
}

function termsAfter(order: Order, command: AmendCommand): AmendedTerms {
  const reserveTicks = reserveTicksAfter(order, command);
  const { lots, limitTicks, stopTicks } = command.to;
  const hasPrice = !isProtected(order);
  return { lots, limitTicks, stopTicks, hasPrice, reserveTicks, keepsPlace: keepsPlace(command) };
}

/** Sets an order's new terms; the indexes it stands in are the caller's. */
function setTerms(order: Order, { lots, limitTicks, stopTicks, reserveTicks }: AmendedTerms): void {
  if (!order.isBudget) order.openLots = lots - goneLots(order);
  order.limitTicks = limitTicks;
  order.stopTicks = stopTicks;
  order.reserveTicks = reserveTicks;
}

/** Takes lots from an order where it rests, or from a stop where it waits. */
function lower(core: Core, order: Order, terms: AmendedTerms, release: number, sink: EventSink): void {
  const { level, openLots, waiting } = order;
  invariant(level !== undefined, 'an open order stands in a level');
  setTerms(order, terms);
  level.lots -= openLots - order.openLots;
  if (waiting === undefined) {
    rehash(core, order);
  } else {
    order.waiting = { ...waiting, lots: terms.lots };
    rehashStop(core, order);
  }
  sink.amended(order, terms, release);
  // Stops that wait are in no depth.
  if (waiting === undefined && order.openLots < openLots) announceLevel(core, sideOf(core, order), level, sink);
}

/** Takes an order out of its line and lets it meet the book as one that has just come. */
function replace(
  core: Core,
  order: Order,
  command: AmendCommand,
  terms: AmendedTerms,
  release: number,
  sink: EventSink,
): void {
  const { level, expiry } = order;
  invariant(level !== undefined, 'an open order stands in a level');
  if (!wouldTake(core, order, terms.limitTicks)) return move(core, order, level, terms, release, sink);
  const expiresAt = expiry?.expiresAt ?? 0;
  unlink(core, order, level);
  level.lots -= order.openLots;
  setTerms(order, terms);
  sink.amended(order, terms, release);
  announceLevel(core, sideOf(core, order), level, sink);
  const timeInForce = expiresAt > 0 ? 'DAY' : 'GTC';
  const { selfTradePrevention } = command;
  // Whether it would take was asked before it was taken out.
  act(core, order, { orderType: 'LIMIT', timeInForce, postOnly: false, selfTradePrevention, expiresAt }, sink);
}

/** What that does to an order that trades with none: it stays in all indexes but its level. */
function move(core: Core, order: Order, level: Level, terms: AmendedTerms, release: number, sink: EventSink): void {
  const side = sideOf(core, order);
  dequeue(level, order);
  level.lots -= order.openLots;
  setTerms(order, terms);
  sink.amended(order, terms, release);
  announceLevel(core, side, level, sink);
  order.prioritySeq = core.bookSeq + 1;
  const next = levelAt(side, order.limitTicks);
  enqueue(next, order);
  if (order.expiry !== undefined) renewExpiry(order, order.expiry);
  rehash(core, order);
  sink.rested(order);
  announceLevel(core, side, next, sink);
}

/** Takes a stop out of its line and lets it wait behind the others. */
function replaceStop(core: Core, order: Order, terms: AmendedTerms, release: number, sink: EventSink): void {
  const waiting = unlinkStop(core, order);
  setTerms(order, terms);
  sink.amended(order, terms, release);
  const { lots, limitTicks, stopTicks, reserveTicks } = terms;
  wait(core, order, { ...waiting, lots, limitTicks, stopTicks, reserveTicks }, sink);
}

function sideOf(core: Core, { isBuy }: Order): Ladder {
  return isBuy ? core.bids : core.asks;
}
