import { invariant } from '../../domain/errors.ts';
import { announceLevel, finish, otherOf, recount, rehash, rehashStop, stopsOf, unlink, type Core } from './core.ts';
import { findId, hashId } from './ids.ts';
import { levelAt, removeLevel, worseThan, type Ladder } from './levels.ts';
import { endedBy, openOrdersOf, type Dying, type Order } from './orders.ts';
import { type MassEnd } from './state.ts';
import { type EventSink, type Reason } from './types.ts';

/**
 * Ends all orders that an end is for. They are out of the book at once: none trades, is found or can be cancelled. What
 * they release and how they ended is told for so many now, and for the others when `tellDying` is called, oldest first.
 */
export function endAll(core: Core, end: MassEnd, sink: EventSink): number {
  const orders = takeOut(core, end);
  if (orders.length > 0) core.dying.push({ end, orders, told: 0 });
  tellDying(core, sink);
  return orders.length;
}

/** An end of all orders that are open now: of a user, if one is given. */
export const endNow = ({ bookSeq, stopSeq }: Core, reason: Reason, userId?: string): MassEnd => ({
  ...{ reason, userId, bookSeq, stopSeq, until: 0 },
});

/** Takes the orders out again that were so when their book was committed. Tells nothing. */
export function restoreDying(core: Core, ends: readonly MassEnd[]): void {
  for (const end of ends) {
    const orders = takeOut(core, end);
    invariant(orders.length > 0, 'an end that is not told yet has orders');
    core.dying.push({ end, orders, told: 0 });
  }
}

/** Tells the ends of the next orders that are out of the book. */
export function tellDying(core: Core, sink: EventSink): void {
  for (let left = core.chunk; left > 0; left -= 1) {
    const [first] = core.dying;
    const dying = first?.orders[first.told];
    if (first === undefined || dying === undefined) return;
    first.told += 1;
    if (first.told === first.orders.length) core.dying.shift();
    tell(core, dying, first.end.reason, sink);
  }
}

/** How many orders are out of the book without having been told; of two legs one. */
export const countDying = ({ dying }: Core): number =>
  dying.reduce((count, { orders, told }) => count + orders.length - told, 0);

/** Every order that is out of the book and still counts in its hash. */
export function* dyingOf(core: Core): Iterable<Order> {
  for (const { orders, told } of core.dying) {
    for (const { order } of orders.slice(told)) {
      yield order;
      const other = otherOf(core, order);
      if (other !== undefined) yield other;
    }
  }
}

/** Expires every DAY order whose time has come. */
export function expireDue(core: Core, time: number, sink: EventSink): void {
  if (core.nextExpiry > time) return;
  endAll(core, { reason: 'DAY_END', userId: undefined, until: time, bookSeq: 0, stopSeq: 0 }, sink);
}

function takeOut(core: Core, end: MassEnd): Dying[] {
  const dying: Dying[] = [];
  for (const order of ordersFor(core, end)) {
    // The other leg of one before it is out already.
    if (order.level === undefined) continue;
    const other = otherOf(core, order);
    const isOtherMeant = other !== undefined && isMeant(end, other);
    dying.push({ order, otherReason: isOtherMeant ? end.reason : undefined });
    putAside(core, order);
    if (other !== undefined) putAside(core, other);
  }
  return dying;
}

/** What the end is for: all, in the order they end. */
function ordersFor(core: Core, end: MassEnd): Order[] {
  if (end.userId !== undefined) {
    const user = findId(core.users, end.userId, hashId(end.userId));
    return user === undefined ? [] : openOrdersOf(user).filter((order) => isMeant(end, order));
  }
  if (end.until > 0) {
    const due = [...core.expiries.values()].filter(({ expiresAt }) => expiresAt <= end.until);
    due.sort((a, b) => a.expiresAt - b.expiresAt);
    return due.flatMap(({ orders, stops }) => [...orders, ...stops]);
  }
  const all = [core.bids, core.asks, core.buyStops, core.sellStops].flatMap((ladder) => [...inLadder(ladder)]);
  return all.filter((order) => isMeant(end, order));
}

function isMeant({ until, bookSeq, stopSeq }: MassEnd, order: Order): boolean {
  if (until > 0) return order.expiry !== undefined && order.expiry.expiresAt <= until;
  // Those that came later are none of its.
  return order.stopSeq > 0 ? order.stopSeq <= stopSeq : order.prioritySeq <= bookSeq;
}

/** Takes an order out of every index but the hash: until its end is told, the committed state has it open. */
function putAside(core: Core, order: Order): void {
  const { level } = order;
  invariant(level !== undefined, 'an open order stands in a level');
  unlink(core, order, level);
  level.lots -= order.openLots;
  if (level.orders === 0) removeLevel(order.stopSeq > 0 ? stopsOf(core, order) : sideOf(core, order.isBuy), level);
  if (order.stopSeq > 0) rehashStop(core, order);
  else rehash(core, order);
}

function tell(core: Core, { order, otherReason }: Dying, reason: Reason, sink: EventSink): void {
  const other = otherOf(core, order);
  const levels = [order, other].flatMap((one) =>
    one === undefined || one.stopSeq > 0 ? [] : [{ isBuy: one.isBuy, priceTicks: one.limitTicks }],
  );
  for (const one of [order, other]) {
    if (one === undefined) continue;
    recount(core, one, 0, 0);
    one.stopSeq = 0;
    one.waiting = undefined;
  }
  finish(core, order, endedBy(reason), reason, sink, otherReason);
  for (const { isBuy, priceTicks } of levels) {
    const ladder = sideOf(core, isBuy);
    // Nothing may rest at that price any more: the level is taken away again as it is told.
    announceLevel(core, ladder, levelAt(ladder, priceTicks), sink);
  }
}

const sideOf = ({ bids, asks }: Core, isBuy: boolean): Ladder => (isBuy ? bids : asks);

function* inLadder(ladder: Ladder): Iterable<Order> {
  for (let level = ladder.best; level !== undefined; level = worseThan(ladder, level)) {
    for (let order = level.first; order !== undefined; order = order.behind) yield order;
  }
}
