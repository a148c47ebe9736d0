/** What the naive book knows of one order, and what follows from it alone. */
import { type Rescaling } from '../../../domain/trading/steps.ts';
import {
  type EventSink,
  type FinalStatus,
  type MarketLimits,
  type OrderCommand,
  type Reason,
} from '../../../matcher/engine/types.ts';

export interface NaiveOrder {
  command: OrderCommand;
  id: string;
  user: { id: string };
  limitTicks: number;
  stopTicks: number;
  isBuy: boolean;
  openLots: number;
  executedLots: number;
  executedQuote: number;
  preventedLots: number;
  budgetLeft: number;
  prioritySeq: number;
  /** 0 for one that does not wait. */
  stopSeq: number;
  /** The leg of its list that is open beside it. */
  other: NaiveOrder | undefined;
}

export const silent: EventSink = {
  rested: () => undefined,
  waits: () => undefined,
  triggered: () => undefined,
  amended: () => undefined,
  traded: () => undefined,
  prevented: () => undefined,
  finished: () => undefined,
  levelChanged: () => undefined,
};

export function newOrder(command: OrderCommand): NaiveOrder {
  return {
    command,
    id: command.orderId,
    user: { id: command.userId },
    limitTicks: command.limitTicks,
    stopTicks: command.stopTicks,
    isBuy: command.side === 'BUY',
    openLots: command.lots,
    executedLots: 0,
    executedQuote: 0,
    preventedLots: 0,
    budgetLeft: command.budget,
    prioritySeq: 0,
    stopSeq: 0,
    other: undefined,
  };
}

export function isCrossed({ isBuy, stopTicks }: NaiveOrder, priceTicks: number): boolean {
  return isBuy ? priceTicks >= stopTicks : priceTicks <= stopTicks;
}

/** Why an order is not even looked at, or not let wait. */
export function judge(
  order: NaiveOrder,
  time: number,
  limits: MarketLimits,
  cancelledBefore: number,
  lastTicks: number,
): [FinalStatus, Reason] | undefined {
  const { timeInForce, orderType, lots, limitTicks, createdAt, expiresAt, postOnly, budget } = order.command;
  const { status, minTicks, maxTicks, minLots, maxLots } = limits;
  const isStop = orderType === 'STOP' || orderType === 'STOP_LIMIT';
  const isTooLate = ['IOC', 'FOK'].includes(timeInForce) && !isStop && time > createdAt + 5000;
  const prices = [...(orderType.includes('LIMIT') ? [limitTicks] : []), ...(isStop ? [order.stopTicks] : [])];
  if (timeInForce === 'DAY' && expiresAt <= time) return ['EXPIRED', 'DAY_END'];
  if (isTooLate) return ['EXPIRED', 'TOO_LATE'];
  if (createdAt <= cancelledBefore) return ['CANCELLED', 'CANCEL_ALL'];
  if (['HALTED', 'CANCEL_ONLY', 'DELISTED'].includes(status)) return ['REJECTED', 'MARKET_NOT_ACTIVE'];
  if (status === 'POST_ONLY' && !postOnly) return ['REJECTED', 'MARKET_POST_ONLY'];
  if (prices.some((price) => price < minTicks || price > maxTicks)) return ['REJECTED', 'INVALID_PRICE'];
  if (budget === 0 && (lots < minLots || lots > maxLots)) return ['REJECTED', 'INVALID_QUANTITY'];
  if (isStop && lastTicks > 0 && isCrossed(order, lastTicks)) return ['REJECTED', 'STOP_WOULD_TRIGGER'];
  return undefined;
}

export function crosses(taker: NaiveOrder, maker: NaiveOrder): boolean {
  const [buy, sell] = taker.isBuy ? [taker, maker] : [maker, taker];
  return buy.command.limitTicks >= sell.command.limitTicks;
}

export function wants(taker: NaiveOrder, price: number): number {
  return taker.command.budget > 0 ? Math.floor(taker.budgetLeft / price) : taker.openLots;
}

/** What an order has reserved for all that is open of it. */
export function reservedFor({ command, isBuy, openLots, budgetLeft }: NaiveOrder): number {
  return isBuy ? command.reserveTicks * openLots + budgetLeft : openLots;
}

/** What the reservation of an order, or of the list it is a leg of, holds. */
function held(order: NaiveOrder): number {
  return Math.max(reservedFor(order), order.other === undefined ? 0 : reservedFor(order.other));
}

/** Takes prevented lots from an order and says what its reservation gives back for them. */
export function lose(order: NaiveOrder, price: number, lots: number): number {
  const before = held(order);
  order.preventedLots += lots;
  if (order.command.budget > 0) order.budgetLeft -= price * lots;
  else order.openLots -= lots;
  return before - held(order);
}

export function outcome(taker: NaiveOrder, next: NaiveOrder | undefined): { status?: FinalStatus; reason?: Reason } {
  const { budget, timeInForce, orderType } = taker.command;
  const nextPrice = next?.command.limitTicks ?? 0;
  const isSpent = taker.budgetLeft < nextPrice || taker.budgetLeft === 0;
  const isDone = budget > 0 ? isSpent && taker.executedLots > 0 : taker.openLots === 0;
  if (isDone && taker.preventedLots === 0) return { status: 'FILLED' };
  if (!isDone && (timeInForce === 'GTC' || timeInForce === 'DAY')) return {};
  if (taker.preventedLots > 0) return { status: 'CANCELLED', reason: 'SELF_TRADE_PREVENTION' };
  if (orderType === 'LIMIT' || orderType === 'STOP_LIMIT') return { status: 'CANCELLED', reason: 'IOC_REMAINDER' };
  if (next === undefined) return { status: 'CANCELLED', reason: 'MARKET_REMAINDER' };
  return { status: 'CANCELLED', reason: budget > 0 && isSpent ? 'BUDGET_TOO_SMALL' : 'COLLAR' };
}

export function end(order: NaiveOrder, status: FinalStatus, reason: Reason | undefined, sink: EventSink): void {
  const before = held(order);
  const left = order.openLots;
  order.openLots = 0;
  order.budgetLeft = 0;
  const release = before - held(order);
  sink.finished(order, status, reason, left, release);
}

/** Counts an order in finer steps. */
export function rescaleNaive(order: NaiveOrder, { ticks, lots }: Rescaling): void {
  const counts = {
    ...{ limitTicks: ticks, stopTicks: ticks, reserveTicks: ticks, lots, openLots: lots, executedLots: lots },
    ...{ preventedLots: lots, budget: ticks * lots, budgetLeft: ticks * lots, executedQuote: ticks * lots },
  };
  const scaled = (given: object): object =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        typeof value === 'number' && name in counts ? value * counts[name as keyof typeof counts] : (value as unknown),
      ]),
    );
  Object.assign(order, scaled({ ...order, command: scaled(order.command) }));
}
