import { type Entry } from './ids.ts';
import { type Level } from './levels.ts';
import { type EngineOrder, type OrderCommand } from './types.ts';

/** An order inside the book: linked into its price level's queue and into its user's list while it is open. */
export interface Order extends EngineOrder, Entry<Order> {
  command: OrderCommand;
  isBuy: boolean;
  openLots: number;
  executedLots: number;
  executedQuote: number;
  preventedLots: number;
  budgetLeft: number;
  prioritySeq: number;
  user: User;
  level: Level | undefined;
  /** In the level: the order before it in line, and the one after it. */
  ahead: Order | undefined;
  behind: Order | undefined;
  /** In the user's list: placed before it, and after it. */
  older: Order | undefined;
  newer: Order | undefined;
  /** Its part of the book's hash: what never changes of it, and what it counts for at present. */
  seedHigh: number;
  seedLow: number;
  mixHigh: number;
  mixLow: number;
}

/** A user with open orders, or with orders on their way that a cancel-all already took back. */
export interface User extends Entry<User> {
  open: number;
  oldest: Order | undefined;
  newest: Order | undefined;
  /** Orders created up to then are taken back at intake; `never` when there was no cancel-all. */
  cancelledBefore: number;
}

/** Before every time, so that it takes nothing back. */
export const never = -1;

export function createUser(id: string, idHash: number): User {
  return { id, idHash, nextInBucket: undefined, open: 0, oldest: undefined, newest: undefined, cancelledBefore: never };
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
  order.command = command;
  order.isBuy = command.side === 'BUY';
  order.openLots = command.lots;
  order.executedLots = 0;
  order.executedQuote = 0;
  order.preventedLots = 0;
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
    nextInBucket: undefined,
    ahead: undefined,
    behind: undefined,
    older: undefined,
    newer: undefined,
    level: undefined,
    user,
    mixHigh: 0,
    mixLow: 0,
    isBuy: command.side === 'BUY',
    openLots: command.lots,
    budgetLeft: command.budget,
    command,
    prioritySeq: 0,
    executedLots: 0,
    executedQuote: 0,
    preventedLots: 0,
    seedHigh: 0,
    seedLow: 0,
  };
}

/** What `lots` of an order have reserved: ticks × lots for a buy, lots for a sell. */
export function reservedFor(order: Order, lots: number): number {
  return order.isBuy ? order.command.reserveTicks * lots : lots;
}

export function linkToUser(order: Order): void {
  const { user } = order;
  order.older = user.newest;
  if (user.newest === undefined) user.oldest = order;
  else user.newest.newer = order;
  user.newest = order;
  user.open += 1;
}

export function unlinkFromUser(order: Order): void {
  const { user, older, newer } = order;
  if (older === undefined) user.oldest = newer;
  else older.newer = newer;
  if (newer === undefined) user.newest = older;
  else newer.older = older;
  order.older = undefined;
  order.newer = undefined;
  user.open -= 1;
}
