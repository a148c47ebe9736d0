import { type Entry } from './ids.ts';
import { type Level } from './levels.ts';
import { type MassEnd } from './state.ts';
import { type EngineOrder, type FinalStatus, type OrderCommand, type Reason } from './types.ts';

/**
 * An order inside the book: linked into its price level's queue and among its user's orders while it is open. It keeps
 * what it needs of its command, and not the command (but while a stop waits): what was parsed from a message dies
 * young, and an order is read from one place in memory.
 */
export interface Order extends EngineOrder, Entry {
  id: string;
  isBuy: boolean;
  limitTicks: number;
  stopTicks: number;
  /** What a buy has reserved for each lot, else 0. */
  reserveTicks: number;
  openLots: number;
  executedLots: number;
  executedQuote: number;
  preventedLots: number;
  /** Whether it is a buy by quote amount, which never rests. */
  isBudget: boolean;
  budgetLeft: number;
  prioritySeq: number;
  stopSeq: number;
  /** The command of a stop that waits, for when its price comes. */
  waiting: OrderCommand | undefined;
  user: User;
  /** Its place among the user's orders while it is open. */
  place: number;
  level: Level | undefined;
  /** In the level: the order before it in line, and the one after it. */
  ahead: Order | undefined;
  behind: Order | undefined;
  /** Where a DAY order is noted while it is open. */
  expiry: Expiry | undefined;
  /** What it counts for in the book's hash at present. */
  mixHigh: number;
  mixLow: number;
}

/** What ends at one time (milliseconds). */
export interface Expiry {
  readonly expiresAt: number;
  /** Resting orders, in order of priority. */
  readonly orders: Set<Order>;
  /** Stops that wait, in the order they came. */
  readonly stops: Set<Order>;
}

/** An order that is out of the book, and whose end is not told yet; of two legs of a list the first. */
export interface Dying {
  readonly order: Order;
  /** Why the other leg ends with it. */
  readonly otherReason: Reason | undefined;
}

/** The orders of one mass end. */
export interface DyingOrders {
  readonly end: MassEnd;
  readonly orders: readonly Dying[];
  /** How many of them have been told. */
  told: number;
}

/** A user with open orders, or with orders on their way that a cancel-all already took back. */
export interface User extends Entry {
  open: number;
  /**
   * Open orders in no order, with gaps that later ones fill: an order that ends touches none of the others, which lie
   * anywhere in memory. A gap has the number of the next one. As long as the most that were open at once since the
   * user's last cancel-all.
   */
  orders: (Order | number)[];
  /** The first gap; −1 when there is none. */
  gap: number;
  /** Orders created up to then are taken back at intake; `never` when there was no cancel-all. */
  cancelledBefore: number;
}

/** Before every time, so that it takes nothing back. */
export const never = -1;
const noGap = -1;

export function createUser(id: string, idHash: number): User {
  return { id, idHash, open: 0, orders: [], gap: noGap, cancelledBefore: never };
}

/**
 * An order of a command, in one that has ended where there is one: orders that live as long as the book cost the
 * garbage collector nothing (bench/README.md).
 */
export function takeOrder(ended: Order[], command: OrderCommand, idHash: number, user: User): Order {
  const order = ended.pop();
  if (order === undefined) return createOrder(command, idHash, user);
  order.id = command.orderId;
  order.idHash = idHash;
  order.isBuy = command.side === 'BUY';
  order.limitTicks = command.limitTicks;
  order.stopTicks = command.stopTicks;
  order.reserveTicks = command.reserveTicks;
  order.openLots = command.lots;
  order.executedLots = 0;
  order.executedQuote = 0;
  order.preventedLots = 0;
  order.isBudget = command.budget > 0;
  order.budgetLeft = command.budget;
  order.prioritySeq = 0;
  order.user = user;
  order.mixHigh = 0;
  order.mixLow = 0;
  return order;
}

/**
 * One shape for every order, each field there from the start: V8 then reads them all the same fast way. What a cancel
 * needs comes first, as fields lie in memory in this order and a cancel mostly waits for memory.
 */
function createOrder(command: OrderCommand, idHash: number, user: User): Order {
  return {
    id: command.orderId,
    idHash,
    ahead: undefined,
    behind: undefined,
    level: undefined,
    user,
    place: 0,
    expiry: undefined,
    mixHigh: 0,
    mixLow: 0,
    isBuy: command.side === 'BUY',
    openLots: command.lots,
    reserveTicks: command.reserveTicks,
    budgetLeft: command.budget,
    prioritySeq: 0,
    stopSeq: 0,
    executedLots: 0,
    executedQuote: 0,
    preventedLots: 0,
    limitTicks: command.limitTicks,
    isBudget: command.budget > 0,
    stopTicks: command.stopTicks,
    waiting: undefined,
  };
}

/** What `lots` of an order have reserved: ticks × lots for a buy, lots for a sell. */
export function reservedFor(order: Order, lots: number): number {
  return order.isBuy ? order.reserveTicks * lots : lots;
}

/**
 * What a reservation gives back when `lots` are no longer open of an order. Two legs share one reservation, of what the
 * larger needs: that gives back what the other does not need.
 */
export function releasedBy(order: Order, other: Order | undefined, lots: number): number {
  if (other === undefined) return reservedFor(order, lots);
  const needed = reservedFor(other, other.openLots);
  const left = reservedFor(order, order.openLots - lots);
  return Math.max(0, reservedFor(order, order.openLots) - Math.max(left, needed));
}

/** What an order is that ended for a reason of this kind before it traded. */
export function endedBy(reason: Reason): FinalStatus {
  switch (reason) {
    case 'DAY_END':
    case 'TOO_LATE':
      return 'EXPIRED';
    case 'USER':
    case 'CANCEL_ALL':
    case 'CANCEL_ALL_AFTER':
    case 'ADMIN':
    case 'DELISTED':
    case 'FAULTED':
    case 'OCO_OTHER_LEG':
      return 'CANCELLED';
    default:
      return 'REJECTED';
  }
}

export function linkToUser(order: Order): void {
  const { user } = order;
  const next = user.gap < 0 ? undefined : user.orders[user.gap];
  user.open += 1;
  if (typeof next === 'number') {
    order.place = user.gap;
    user.gap = next;
    user.orders[order.place] = order;
  } else {
    order.place = user.orders.length;
    user.orders.push(order);
  }
}

export function unlinkFromUser(order: Order): void {
  const { user, place } = order;
  user.orders[place] = user.gap;
  user.gap = place;
  user.open -= 1;
}

/** A user's open orders, oldest first: those that rest, then the stops that wait. */
export function openOrdersOf(user: User): Order[] {
  const open = user.orders.filter((order) => typeof order !== 'number');
  const line = (order: Order): number => (order.stopSeq === 0 ? order.prioritySeq : order.stopSeq);
  return open.sort((a, b) => Number(a.stopSeq > 0) - Number(b.stopSeq > 0) || line(a) - line(b));
}

/** Leaves a user whose orders all ended without gaps. */
export function closeGaps(user: User): void {
  user.orders = [];
  user.gap = noGap;
}
