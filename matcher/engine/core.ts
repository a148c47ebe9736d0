import { invariant } from '../../domain/errors.ts';
import { addExpiry, removeExpiry, type Expiries } from './expiries.ts';
import { formatHash, mixHigh, mixLow, mixStopHigh, mixStopLow } from './hash.ts';
import { addId, createIdTable, findId, hashId, removeId, type IdTable } from './ids.ts';
import { createLadder, dequeue, enqueue, levelAt, removeLevel, type Ladder, type Level } from './levels.ts';
import {
  createUser,
  type DyingOrders,
  endedBy,
  linkToUser,
  never,
  releasedBy,
  reservedFor,
  unlinkFromUser,
  type Order,
  type User,
} from './orders.ts';
import { type EventSink, type FinalStatus, type MarketLimits, type OrderCommand, type Reason } from './types.ts';

/** Users beyond twice those with open orders or a cancel-all that a book keeps. */
const spareUsers = 10_000;

/** A book's whole state, and below it the steps every command is made of. Each keeps all indexes and the hash right. */
export interface Core extends Expiries {
  limits: MarketLimits;
  readonly bids: Ladder;
  readonly asks: Ladder;
  /** Stops that wait, by stop price: the first that a rising, or falling, market comes to is the best. */
  readonly buyStops: Ladder;
  readonly sellStops: Ladder;
  readonly byId: IdTable<Order>;
  /** Those with open orders or a cancel-all, and others not yet let go. */
  users: IdTable<User>;
  /** How many users there are when those nothing is remembered of are let go. */
  mostUsers: number;
  /** Orders that ended, to be used again: never more than were open at once. Each holds its last id till then. */
  readonly ended: Order[];
  bookSeq: number;
  tradeSeq: number;
  stopSeq: number;
  lastTicks: number;
  /** Among the trades that stops have not been held against yet; 0 when there are none. */
  highestTicks: number;
  lowestTicks: number;
  hashHigh: number;
  hashLow: number;
  /** The other leg of each leg while both are open. Beside the orders: a field in each would cost all a word. */
  readonly others: Map<Order, Order>;
  /** What ended many orders at once, in order, as long as not all of them are told. */
  readonly dying: DyingOrders[];
  /** So many of them are told at a time. */
  readonly chunk: number;
  /** What looking ahead read, added up: kept so that the reads are not compiled away. */
  touched: number;
}

export function createCore(limits: MarketLimits, chunk: number): Core {
  return {
    limits,
    bids: createLadder(true),
    asks: createLadder(false),
    buyStops: createLadder(false),
    sellStops: createLadder(true),
    byId: createIdTable(),
    users: createIdTable(),
    mostUsers: spareUsers,
    ended: [],
    expiries: new Map(),
    nextExpiry: Infinity,
    bookSeq: 0,
    tradeSeq: 0,
    stopSeq: 0,
    lastTicks: 0,
    highestTicks: 0,
    lowestTicks: 0,
    hashHigh: 0,
    hashLow: 0,
    others: new Map(),
    dying: [],
    chunk,
    touched: 0,
  };
}

/** The user with an id. A new one is kept, as most come back. */
export function userOf(core: Core, userId: string): User {
  const idHash = hashId(userId);
  return findId(core.users, userId, idHash) ?? addUser(core, userId, idHash);
}

function addUser(core: Core, userId: string, idHash: number): User {
  if (core.users.size >= core.mostUsers) forgetUsers(core);
  const user = createUser(userId, idHash);
  addId(core.users, user);
  return user;
}

/** Lets go all users without open orders or a cancel-all: many at once, as most would be back with their next order. */
function forgetUsers(core: Core): void {
  const kept = createIdTable<User>();
  for (const user of core.users.entries) {
    if (user !== undefined && (user.open > 0 || user.cancelledBefore !== never)) addId(kept, user);
  }
  core.users = kept;
  core.mostUsers = kept.size * 2 + spareUsers;
}

/** Tells what a level holds after a step, and takes it away when it is empty. */
export function announceLevel(core: Core, ladder: Ladder, level: Level, sink: EventSink): void {
  if (level.orders === 0) removeLevel(ladder, level);
  core.bookSeq += 1;
  sink.levelChanged(core.bookSeq, ladder.isBuy, level.priceTicks, level.lots);
}

/** Puts what is open of an order at the end of its price's line. */
export function rest(core: Core, order: Order, expiresAt: number, sink: EventSink): void {
  order.prioritySeq = core.bookSeq + 1;
  const level = link(core, order, expiresAt);
  sink.rested(order);
  announceLevel(core, order.isBuy ? core.bids : core.asks, level, sink);
}

/** Enters an order that has its priority into every index. A DAY order ends at `expiresAt`, others have 0. */
export function link(core: Core, order: Order, expiresAt: number): Level {
  const level = levelAt(order.isBuy ? core.bids : core.asks, order.limitTicks);
  enqueue(level, order);
  enter(core, order, expiresAt);
  rehash(core, order);
  return level;
}

function enter(core: Core, order: Order, expiresAt: number): void {
  linkToUser(order);
  addId(core.byId, order);
  if (expiresAt > 0) addExpiry(core, order, expiresAt);
}

/** Lets a stop wait for its price, with a place behind those that wait already. */
export function wait(core: Core, order: Order, command: OrderCommand, sink: EventSink): void {
  core.stopSeq += 1;
  linkStop(core, order, command, core.stopSeq);
  sink.waits(order);
}

/** Enters a stop that has its place into every index. */
export function linkStop(core: Core, order: Order, command: OrderCommand, stopSeq: number): void {
  order.stopSeq = stopSeq;
  order.waiting = command;
  enqueue(levelAt(stopsOf(core, order), order.stopTicks), order);
  enter(core, order, command.expiresAt);
  rehashStop(core, order);
}

/** Takes a waiting stop out of every index, and gives its command. */
export function unlinkStop(core: Core, order: Order): OrderCommand {
  const { level, waiting } = order;
  invariant(level !== undefined && waiting !== undefined, 'a stop that waits stands in a level');
  unlink(core, order, level);
  level.lots -= order.openLots;
  if (level.orders === 0) removeLevel(stopsOf(core, order), level);
  order.stopSeq = 0;
  order.waiting = undefined;
  return waiting;
}

/** The stops that wait on an order's side. */
export function stopsOf(core: Core, order: Order): Ladder {
  return order.isBuy ? core.buyStops : core.sellStops;
}

/** Takes an open order out of every index; its level's lots and its announcement are the caller's. */
export function unlink(core: Core, order: Order, level: Level): void {
  dequeue(level, order);
  unlinkFromUser(order);
  removeId(core.byId, order);
  if (order.expiry !== undefined) removeExpiry(core, order, order.expiry);
  recount(core, order, 0, 0);
}

/** Brings the hash up to a resting order's new numbers. */
export function rehash(core: Core, order: Order): void {
  recount(core, order, mixHigh(order, order.idHash), mixLow(order, order.idHash));
}

/** The same of a stop that waits. */
export function rehashStop(core: Core, order: Order): void {
  const other = otherOf(core, order);
  recount(core, order, mixStopHigh(order, order.idHash, other), mixStopLow(order, order.idHash, other));
}

/** Makes an order count for another mix in the hash; 0 and 0 for none. */
export function recount(core: Core, order: Order, high: number, low: number): void {
  core.hashHigh = (core.hashHigh - order.mixHigh + high) | 0;
  core.hashLow = (core.hashLow - order.mixLow + low) | 0;
  order.mixHigh = high;
  order.mixLow = low;
}

/**
 * Ends an order that is in no level: what was open is cancelled, what that had reserved released. A leg ends both, the
 * other one for `otherReason`.
 */
export function finish(
  core: Core,
  order: Order,
  status: FinalStatus,
  reason: Reason | undefined,
  sink: EventSink,
  otherReason: Reason = 'OCO_OTHER_LEG',
): void {
  const other = otherOf(core, order);
  if (other !== undefined) return finishLeg(core, order, other, status, reason, sink, otherReason);
  const left = order.openLots;
  const release = reservedFor(order, left) + order.budgetLeft;
  order.openLots = 0;
  order.budgetLeft = 0;
  sink.finished(order, status, reason, left, release);
  core.ended.push(order);
}

function finishLeg(
  core: Core,
  order: Order,
  other: Order,
  status: FinalStatus,
  reason: Reason | undefined,
  sink: EventSink,
  otherReason: Reason,
): void {
  const left = order.openLots;
  const release = releasedBy(order, other, left);
  order.openLots = 0;
  core.others.delete(order);
  sink.finished(order, status, reason, left, release);
  // One that goes on alone knows of no other leg any more.
  if (core.others.delete(other)) {
    if (other.level === undefined) finish(core, other, endedBy(otherReason), otherReason, sink);
    else withdraw(core, other, endedBy(otherReason), otherReason, sink);
  }
  core.ended.push(order);
}

/** The other leg of an order's list, while both are open. */
export function otherOf({ others }: Core, order: Order): Order | undefined {
  return others.size === 0 ? undefined : others.get(order);
}

/** Makes two orders the legs of one list. */
export function pair(core: Core, order: Order, other: Order): void {
  core.others.set(order, other);
  core.others.set(other, order);
}

/** Ends the other leg of an order that fills or is triggered. */
export function goOnAlone(core: Core, order: Order, other: Order, sink: EventSink): void {
  core.others.delete(order);
  withdraw(core, other, 'CANCELLED', 'OCO_OTHER_LEG', sink);
}

/** Takes an open order out of the book and ends it; the other leg of its list as in `finish`. */
export function withdraw(
  core: Core,
  order: Order,
  status: FinalStatus,
  reason: Reason,
  sink: EventSink,
  otherReason?: Reason,
): void {
  if (order.stopSeq > 0) {
    unlinkStop(core, order);
    return finish(core, order, status, reason, sink, otherReason);
  }
  const { level } = order;
  invariant(level !== undefined, 'an open order stands in a level');
  unlink(core, order, level);
  level.lots -= order.openLots;
  finish(core, order, status, reason, sink, otherReason);
  announceLevel(core, order.isBuy ? core.bids : core.asks, level, sink);
}

/** The state's hash in O(1). */
export function hashOf(core: Core): string {
  return formatHash(core.hashHigh, core.hashLow, core);
}
