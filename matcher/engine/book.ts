import { invariant } from '../../domain/errors.ts';
import { amend, assertAmend } from './amend.ts';
import { createCore, hashOf, link, linkStop, pair, userOf, withdraw, type Core } from './core.ts';
import { countDying, endAll, endNow, expireDue, restoreDying, tellDying } from './dying.ts';
import { findId, hashId } from './ids.ts';
import { assertLimits, assertList, assertOrder, takeIn, takeInList } from './intake.ts';
import { worseThan, type Ladder } from './levels.ts';
import { closeGaps, takeOrder, type Order } from './orders.ts';
import { foresee } from './lookahead.ts';
import { rescale } from './rescale.ts';
import { type BookState, type RestingOrder } from './state.ts';
import { fireStops } from './stops.ts';
import {
  type Book,
  type CancelReason,
  type EventSink,
  type ListCommand,
  type MarketLimits,
  type OrderCommand,
  type PriceLevel,
} from './types.ts';

/** Raised whenever the same commands would give other events or another hash: a journal is replayed by its version. */
export const engineVersion = 4;

/** So many orders that end at once are told, and committed, at a time. */
const usualChunk = 500;

/** An empty book of one market. Throws when the limits allow amounts of 2^53 and more. */
export function createBook(limits: MarketLimits, chunk: number = usualChunk): Book {
  assertLimits(limits);
  const core = createCore(limits, chunk);
  return {
    foresee: (commands) => foresee(core, commands),
    place(command, time, sink, foreseen = 0) {
      assertOrder(command);
      const idHash = foreseen === 0 ? hashId(command.orderId) : foreseen;
      const isKnown = findId(core.byId, command.orderId, idHash) !== undefined;
      expireDue(core, time, sink);
      if (isKnown) return;
      takeIn(core, takeOrder(core.ended, command, idHash, userOf(core, command.userId)), command, time, sink);
      fireStops(core, sink);
    },
    placeList: (list, time, sink) => placeList(core, list, time, sink),
    cancel(orderId, reason, time, sink, foreseen = 0) {
      expireDue(core, time, sink);
      const order = findId(core.byId, orderId, foreseen === 0 ? hashId(orderId) : foreseen);
      if (order === undefined) return false;
      withdraw(core, order, 'CANCELLED', reason, sink);
      return true;
    },
    amend(command, time, sink, foreseen = 0) {
      const { orderId } = command;
      assertAmend(command);
      expireDue(core, time, sink);
      const order = findId(core.byId, orderId, foreseen === 0 ? hashId(orderId) : foreseen);
      if (order === undefined) return 'ORDER_NOT_OPEN';
      const refused = amend(core, order, command, sink);
      fireStops(core, sink);
      return refused;
    },
    cancelAll(userId, reason, createdUpTo, time, sink) {
      expireDue(core, time, sink);
      return cancelAllOf(core, userId, reason, createdUpTo, sink);
    },
    expireDue: (time, sink) => expireDue(core, time, sink),
    changeMarket(changed, time, sink, rescaling) {
      assertLimits(changed);
      if (rescaling !== undefined) rescale(core, rescaling, changed);
      expireDue(core, time, sink);
      core.limits = changed;
      if (changed.status === 'DELISTED') endAll(core, endNow(core, 'DELISTED'), sink);
    },
    tellDying: (sink) => tellDying(core, sink),
    dying: () => countDying(core),
    massEnds: () => core.dying.map(({ end }) => end),
    restore: (state) => restore(core, state),
    find: (orderId) => findId(core.byId, orderId, hashId(orderId)),
    orders: (side) => ordersOf(side === 'BUY' ? core.bids : core.asks),
    depth: (levels) => ({ bids: depthOf(core.bids, levels), asks: depthOf(core.asks, levels) }),
    bestTicks: (side) => (side === 'BUY' ? core.bids : core.asks).best?.priceTicks ?? 0,
    hash: () => hashOf(core),
    get bookSeq() {
      return core.bookSeq;
    },
    get tradeSeq() {
      return core.tradeSeq;
    },
    get stopSeq() {
      return core.stopSeq;
    },
    get lastTicks() {
      return core.lastTicks;
    },
    get openOrders() {
      return core.byId.size;
    },
  };
}

function placeList(core: Core, list: ListCommand, time: number, sink: EventSink): void {
  assertList(list);
  const isKnown = [list.limit, list.stop].some(({ orderId: id }) => findId(core.byId, id, hashId(id)) !== undefined);
  expireDue(core, time, sink);
  if (isKnown) return;
  takeInList(core, orderOf(core, list.limit), orderOf(core, list.stop), list, time, sink);
  fireStops(core, sink);
}

function cancelAllOf(core: Core, userId: string, reason: CancelReason, createdUpTo: number, sink: EventSink): number {
  const user = userOf(core, userId);
  user.cancelledBefore = Math.max(user.cancelledBefore, createdUpTo);
  const { open } = user;
  endAll(core, endNow(core, reason, userId), sink);
  closeGaps(user);
  return open;
}

function restore(core: Core, state: BookState): void {
  invariant(core.byId.size === 0 && core.bookSeq === 0, 'a book is restored before its first command');
  core.bookSeq = state.bookSeq;
  core.tradeSeq = state.tradeSeq;
  core.stopSeq = state.stopSeq;
  core.lastTicks = state.lastTicks;
  const legs = new Map<string, Order>();
  let before = 0;
  for (const resting of state.orders) {
    invariant(resting.prioritySeq > before, 'open orders stand in order of priority');
    before = resting.prioritySeq;
    const order = restoreOrder(core, resting);
    link(core, order, resting.expiresAt);
    if (resting.orderListId !== undefined) legs.set(resting.orderListId, order);
  }
  invariant(before <= state.bookSeq, 'no order rests later than the last book change');
  restoreStops(core, state, legs);
  restoreDying(core, state.dying ?? []);
  const bid = core.bids.best?.priceTicks ?? 0;
  const ask = core.asks.best?.priceTicks ?? Infinity;
  invariant(bid < ask, 'a restored book is not crossed');
  for (const [userId, createdUpTo] of state.cancelledBefore ?? []) {
    userOf(core, userId).cancelledBefore = createdUpTo;
  }
}

/** `legs`: the legs that rest, by list. */
function restoreStops(core: Core, { stops, stopSeq }: BookState, legs: ReadonlyMap<string, Order>): void {
  let before = 0;
  for (const stop of stops) {
    invariant(stop.stopSeq > before, 'stops stand in the order they came');
    before = stop.stopSeq;
    assertOrder(stop);
    invariant(stop.stopTicks > 0, 'what waits is a stop');
    const order = orderOf(core, stop);
    if (stop.orderListId !== undefined) {
      const other = legs.get(stop.orderListId);
      invariant(other !== undefined && other.executedLots === 0, 'a leg that waits has another that has not traded');
      pair(core, order, other);
    }
    linkStop(core, order, stop, stop.stopSeq);
  }
  invariant(before <= stopSeq, 'no stop came later than the last one');
}

function orderOf(core: Core, command: OrderCommand): Order {
  return takeOrder(core.ended, command, hashId(command.orderId), userOf(core, command.userId));
}

function restoreOrder(core: Core, resting: RestingOrder): Order {
  assertOrder(resting);
  const order = orderOf(core, resting);
  order.executedLots = resting.executedLots;
  order.executedQuote = resting.executedQuote;
  order.preventedLots = resting.preventedLots;
  order.openLots = resting.lots - resting.executedLots - resting.preventedLots;
  order.prioritySeq = resting.prioritySeq;
  invariant(order.openLots > 0, 'a resting order has something open');
  return order;
}

function* ordersOf(ladder: Ladder): Iterable<Order> {
  for (let level = ladder.best; level !== undefined; level = worseThan(ladder, level)) {
    for (let order = level.first; order !== undefined; order = order.behind) yield order;
  }
}

function depthOf(ladder: Ladder, levels: number): PriceLevel[] {
  const depth: PriceLevel[] = [];
  for (let level = ladder.best; level !== undefined && depth.length < levels; level = worseThan(ladder, level)) {
    depth.push({ priceTicks: level.priceTicks, lots: level.lots, orders: level.orders });
  }
  return depth;
}
