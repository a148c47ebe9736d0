import { invariant } from '../../domain/errors.ts';
import { finish, pair, rest, wait, type Core } from './core.ts';
import { isFillable, isSpent, opposite, reaches, trade } from './match.ts';
import { endedBy, type Order } from './orders.ts';
import {
  type EventSink,
  type FinalStatus,
  type ListCommand,
  type MarketLimits,
  type OrderCommand,
  type Reason,
} from './types.ts';

/** How old an order that wants to trade at once may be when it comes in, milliseconds. */
const freshFor = 5_000;

/** Takes a new order through: turned away, left waiting for its stop price, or acted on. */
export function takeIn(core: Core, order: Order, command: OrderCommand, time: number, sink: EventSink): void {
  const reason = findReason(core, order, command, time);
  if (reason !== undefined) return finish(core, order, endedBy(reason), reason, sink);
  if (command.stopTicks > 0) wait(core, order, command, sink);
  else act(core, order, command, sink);
}

/**
 * Takes the legs of a list through: both are turned away, each for a reason of its own where it has one, or the stop
 * waits before the limit order acts.
 */
export function takeInList(
  core: Core,
  limit: Order,
  stop: Order,
  list: ListCommand,
  time: number,
  sink: EventSink,
): void {
  pair(core, limit, stop);
  const reason = findReason(core, limit, list.limit, time);
  const stopReason = findReason(core, stop, list.stop, time);
  if (reason !== undefined) return finish(core, limit, endedBy(reason), reason, sink, stopReason);
  if (stopReason !== undefined) return finish(core, stop, endedBy(stopReason), stopReason, sink);
  wait(core, stop, list.stop, sink);
  act(core, limit, list.limit, sink);
}

/** Why an order may not come in; undefined when it may. */
function findReason(core: Core, order: Order, command: OrderCommand, time: number): Reason | undefined {
  const expired = findExpiry(command, time);
  if (expired !== undefined) return expired;
  if (command.createdAt <= order.user.cancelledBefore) return 'CANCEL_ALL';
  return findRefusal(core, order, command);
}

/** What of a command says how its order trades. */
type Manner = Pick<OrderCommand, 'orderType' | 'timeInForce' | 'postOnly' | 'selfTradePrevention' | 'expiresAt'>;

/** Trades an order, and what is left of it rests or ends. Of a stop: what it does once its price has come. */
export function act(core: Core, order: Order, command: Manner, sink: EventSink): void {
  const { best } = opposite(core, order);
  if (command.postOnly && best !== undefined && reaches(order, best)) {
    return finish(core, order, 'REJECTED', 'POST_ONLY_WOULD_TAKE', sink);
  }
  if (command.timeInForce === 'FOK' && !isFillable(core, order)) {
    return finish(core, order, 'CANCELLED', 'FOK_NOT_FILLABLE', sink);
  }
  if (!trade(core, order, command.selfTradePrevention, sink)) {
    return finish(core, order, 'CANCELLED', 'SELF_TRADE_PREVENTION', sink);
  }
  conclude(core, order, command, sink);
}

/** Throws when limits could make an amount that is no exact number. */
export function assertLimits(limits: MarketLimits): void {
  const { minTicks, maxTicks, minLots, maxLots } = limits;
  invariant(isCount(minTicks) && isCount(maxTicks) && minTicks <= maxTicks, 'price limits are whole ticks in order');
  invariant(isCount(minLots) && isCount(maxLots) && minLots <= maxLots, 'quantity limits are whole lots in order');
  invariant(Number.isSafeInteger(maxTicks * maxLots), 'the largest order is an exact amount');
}

/** Throws when the numbers of a command are no order's. */
export function assertOrder(command: OrderCommand): void {
  const { orderType, side, timeInForce, lots, budget, limitTicks, stopTicks, reserveTicks, expiresAt } = command;
  const isMarket = actsAsMarket(command);
  const isStop = orderType === 'STOP' || orderType === 'STOP_LIMIT';
  const isBudget = budget !== 0;
  const needsReserve = side === 'BUY' && !isBudget;
  invariant(isCount(limitTicks), 'an order has a worst price in whole ticks');
  invariant(isStop ? isCount(stopTicks) : stopTicks === 0, 'stops, and no others, have a stop price in whole ticks');
  invariant(isBudget ? lots === 0 && isCount(budget) : isCount(lots), 'an order has whole lots or a budget');
  invariant(!isBudget || (isMarket && side === 'BUY'), 'only market and stop buys have a budget');
  invariant(needsReserve ? reserveTicks >= limitTicks : reserveTicks === 0, 'buys reserve at least their worst price');
  invariant(Number.isSafeInteger(Math.max(reserveTicks, 1) * lots), 'what is reserved is an exact amount');
  invariant(!isMarket || timeInForce === 'IOC' || timeInForce === 'FOK', 'market orders never rest');
  invariant(orderType !== 'STOP' || timeInForce === 'IOC', 'a STOP order fills what it can once triggered');
  invariant(!command.postOnly || timeInForce === 'GTC' || timeInForce === 'DAY', 'post-only orders rest');
  invariant(timeInForce === 'DAY' ? isCount(expiresAt) : expiresAt === 0, 'DAY orders, and no others, expire');
}

/** Throws when the numbers of a command are no list's. */
export function assertList({ limit, stop }: ListCommand): void {
  assertOrder(limit);
  assertOrder(stop);
  const isOne = limit.userId === stop.userId && limit.side === stop.side && limit.lots === stop.lots;
  invariant(isOne && limit.orderId !== stop.orderId, 'a list has two orders of one user, side and quantity');
  invariant(limit.orderType === 'LIMIT' && stop.stopTicks > 0, 'a list has a limit order and a stop');
  const { timeInForce } = limit;
  invariant(timeInForce === 'GTC' || timeInForce === 'DAY', 'the limit order of a list may rest');
}

/** Whether an order takes any price within its protection price, at once or once triggered. */
export function actsAsMarket({ orderType }: Pick<OrderCommand, 'orderType'>): boolean {
  return orderType === 'MARKET' || orderType === 'STOP';
}

export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function findExpiry(command: OrderCommand, time: number): Reason | undefined {
  const { timeInForce, expiresAt, createdAt, stopTicks } = command;
  if (timeInForce === 'DAY') return expiresAt <= time ? 'DAY_END' : undefined;
  // A stop trades later anyhow.
  if (stopTicks > 0) return undefined;
  return timeInForce !== 'GTC' && time - createdAt > freshFor ? 'TOO_LATE' : undefined;
}

function findRefusal(core: Core, order: Order, command: OrderCommand): Reason | undefined {
  const { limits } = core;
  const { postOnly, limitTicks, stopTicks, lots, budget } = command;
  const closed = findClosed(limits, postOnly);
  if (closed !== undefined) return closed;
  if (!actsAsMarket(command) && !isWithin(limits, limitTicks)) return 'INVALID_PRICE';
  if (stopTicks > 0 && !isWithin(limits, stopTicks)) return 'INVALID_PRICE';
  if (budget === 0 && (lots < limits.minLots || lots > limits.maxLots)) return 'INVALID_QUANTITY';
  return stopTicks > 0 && wouldTrigger(core, order.isBuy, stopTicks) ? 'STOP_WOULD_TRIGGER' : undefined;
}

/** Why a market takes no such order, or amend of one, now. */
export function findClosed(
  { status }: MarketLimits,
  postOnly: boolean,
): 'MARKET_NOT_ACTIVE' | 'MARKET_POST_ONLY' | undefined {
  if (status === 'ACTIVE') return undefined;
  if (status !== 'POST_ONLY') return 'MARKET_NOT_ACTIVE';
  return postOnly ? undefined : 'MARKET_POST_ONLY';
}

export function isWithin({ minTicks, maxTicks }: MarketLimits, priceTicks: number): boolean {
  return priceTicks >= minTicks && priceTicks <= maxTicks;
}

/** Whether the last trade is beyond a stop's price already. */
export function wouldTrigger({ lastTicks }: Core, isBuy: boolean, stopTicks: number): boolean {
  return lastTicks > 0 && (isBuy ? lastTicks >= stopTicks : lastTicks <= stopTicks);
}

/** What becomes of an order after it traded all it could. */
function conclude(core: Core, order: Order, command: Manner, sink: EventSink): void {
  const { timeInForce, expiresAt } = command;
  const isDone = order.isBudget ? isBudgetDone(core, order) : order.openLots === 0;
  if (!isDone && (timeInForce === 'GTC' || timeInForce === 'DAY')) return rest(core, order, expiresAt, sink);
  const isWhole = isDone && order.preventedLots === 0;
  const status: FinalStatus = isWhole ? 'FILLED' : 'CANCELLED';
  finish(core, order, status, isWhole ? undefined : remainderReason(core, order, command), sink);
}

function isBudgetDone(core: Core, order: Order): boolean {
  return order.executedLots > 0 && isSpent(order.budgetLeft, opposite(core, order).best);
}

/** Why an order that cannot rest ends with something unfilled. */
function remainderReason(core: Core, order: Order, command: Manner): Reason {
  if (order.preventedLots > 0) return 'SELF_TRADE_PREVENTION';
  if (!actsAsMarket(command)) return 'IOC_REMAINDER';
  const { best } = opposite(core, order);
  if (best === undefined) return 'MARKET_REMAINDER';
  return order.isBudget && isSpent(order.budgetLeft, best) ? 'BUDGET_TOO_SMALL' : 'COLLAR';
}
