/**
 * The matching rules once more, written to be obviously right: one array of open orders, sorted and filtered for every
 * question. The engine must tell the same story, event by event.
 */
import { hashFromScratch } from '../../../matcher/engine/hash.ts';
import {
  type CancelReason,
  type Depth,
  type EventSink,
  type FinalStatus,
  type MarketLimits,
  type OrderCommand,
  type PriceLevel,
  type Reason,
  type Side,
} from '../../../matcher/engine/types.ts';

export interface NaiveOrder {
  command: OrderCommand;
  id: string;
  user: { id: string };
  limitTicks: number;
  isBuy: boolean;
  openLots: number;
  executedLots: number;
  executedQuote: number;
  preventedLots: number;
  budgetLeft: number;
  prioritySeq: number;
}

const silent: EventSink = {
  rested: () => undefined,
  traded: () => undefined,
  prevented: () => undefined,
  finished: () => undefined,
  levelChanged: () => undefined,
};

export class NaiveBook {
  orders: NaiveOrder[] = [];
  bookSeq = 0;
  tradeSeq = 0;
  lastTicks = 0;
  readonly cancelledBefore = new Map<string, number>();
  limits: MarketLimits;

  constructor(limits: MarketLimits) {
    this.limits = limits;
  }

  place(command: OrderCommand, time: number, sink: EventSink): void {
    const isKnown = this.orders.some((open) => open.command.orderId === command.orderId);
    this.expireDue(time, sink);
    if (!isKnown) this.takeIn(newOrder(command), time, sink);
  }

  cancel(orderId: string, reason: CancelReason, time: number, sink: EventSink): boolean {
    this.expireDue(time, sink);
    const order = this.orders.find((open) => open.command.orderId === orderId);
    if (order !== undefined) this.remove(order, 'CANCELLED', reason, sink);
    return order !== undefined;
  }

  cancelAll(userId: string, reason: CancelReason, createdUpTo: number, time: number, sink: EventSink): number {
    this.expireDue(time, sink);
    this.cancelledBefore.set(userId, Math.max(createdUpTo, this.cancelledBefore.get(userId) ?? 0));
    const own = this.orders.filter((order) => order.command.userId === userId);
    for (const order of own) this.remove(order, 'CANCELLED', reason, sink);
    return own.length;
  }

  changeMarket(limits: MarketLimits, time: number, sink: EventSink): void {
    this.expireDue(time, sink);
    this.limits = limits;
    if (limits.status !== 'DELISTED') return;
    const all = [...this.sorted(true), ...this.sorted(false)];
    for (const order of all) this.remove(order, 'CANCELLED', 'DELISTED', sink);
  }

  expireDue(time: number, sink: EventSink): void {
    const due = this.orders.filter(({ command }) => command.expiresAt > 0 && command.expiresAt <= time);
    due.sort((a, b) => a.command.expiresAt - b.command.expiresAt || a.prioritySeq - b.prioritySeq);
    for (const order of due) this.remove(order, 'EXPIRED', 'DAY_END', sink);
  }

  /** Best price first, then first come first. */
  sorted(isBuy: boolean): NaiveOrder[] {
    const worse = (order: NaiveOrder) => (isBuy ? -1 : 1) * order.command.limitTicks;
    const side = this.orders.filter((order) => order.isBuy === isBuy);
    return side.sort((a, b) => worse(a) - worse(b) || a.prioritySeq - b.prioritySeq);
  }

  depth(): Depth {
    return { bids: this.levels(true), asks: this.levels(false) };
  }

  bestTicks(side: Side): number {
    return this.sorted(side === 'BUY')[0]?.command.limitTicks ?? 0;
  }

  hash(): string {
    return hashFromScratch(this.orders, this.bookSeq, this.tradeSeq, this.lastTicks);
  }

  private levels(isBuy: boolean): PriceLevel[] {
    const prices = [...new Set(this.sorted(isBuy).map((order) => order.command.limitTicks))];
    return prices.map((priceTicks) => ({
      priceTicks,
      lots: this.lotsAt(isBuy, priceTicks),
      orders: this.orders.filter((o) => o.isBuy === isBuy && o.command.limitTicks === priceTicks).length,
    }));
  }

  private lotsAt(isBuy: boolean, priceTicks: number): number {
    const level = this.orders.filter((order) => order.isBuy === isBuy && order.command.limitTicks === priceTicks);
    return level.reduce((sum, order) => sum + order.openLots, 0);
  }

  private takeIn(order: NaiveOrder, time: number, sink: EventSink): void {
    const verdict = this.judge(order, time);
    if (verdict !== undefined) return end(order, ...verdict, sink);
    const { status, reason } = this.trade(order, sink);
    if (status !== undefined) return end(order, status, reason, sink);
    order.prioritySeq = this.bookSeq + 1;
    this.orders.push(order);
    sink.rested(order);
    this.announce(order.isBuy, order.command.limitTicks, sink);
  }

  private judge(order: NaiveOrder, time: number): [FinalStatus, Reason] | undefined {
    const { command } = order;
    const { timeInForce, orderType, lots, limitTicks } = command;
    const { status, minTicks, maxTicks, minLots, maxLots } = this.limits;
    const best = this.sorted(!order.isBuy)[0];
    if (timeInForce === 'DAY' && command.expiresAt <= time) return ['EXPIRED', 'DAY_END'];
    if (['IOC', 'FOK'].includes(timeInForce) && time > command.createdAt + 5000) return ['EXPIRED', 'TOO_LATE'];
    if (command.createdAt <= (this.cancelledBefore.get(command.userId) ?? -1)) return ['CANCELLED', 'CANCEL_ALL'];
    if (['HALTED', 'CANCEL_ONLY', 'DELISTED'].includes(status)) return ['REJECTED', 'MARKET_NOT_ACTIVE'];
    if (status === 'POST_ONLY' && !command.postOnly) return ['REJECTED', 'MARKET_POST_ONLY'];
    if (orderType === 'LIMIT' && (limitTicks < minTicks || limitTicks > maxTicks)) return ['REJECTED', 'INVALID_PRICE'];
    if (command.budget === 0 && (lots < minLots || lots > maxLots)) return ['REJECTED', 'INVALID_QUANTITY'];
    if (command.postOnly && best !== undefined && crosses(order, best)) return ['REJECTED', 'POST_ONLY_WOULD_TAKE'];
    if (timeInForce === 'FOK' && !this.rehearse(command)) return ['CANCELLED', 'FOK_NOT_FILLABLE'];
    return undefined;
  }

  /** Whether an order would end FILLED, found out by trading it against a copy of this book. */
  private rehearse(command: OrderCommand): boolean {
    const copy = new NaiveBook(this.limits);
    copy.orders = this.orders.map((order) => ({ ...order }));
    let isPrevented = false;
    const { status } = copy.trade(newOrder(command), { ...silent, prevented: () => (isPrevented = true) });
    return status === 'FILLED' && !isPrevented;
  }

  /** What becomes of the order; no status: it is to rest. */
  private trade(taker: NaiveOrder, sink: EventSink): { status?: FinalStatus; reason?: Reason } {
    const touched = new Map<number, number>();
    const announceBut = (current: number) => {
      for (const [price, before] of touched) {
        if (price === current) continue;
        if (this.lotsAt(!taker.isBuy, price) !== before) this.announce(!taker.isBuy, price, sink);
        touched.delete(price);
      }
    };
    for (;;) {
      const maker = this.sorted(!taker.isBuy)[0];
      const price = maker?.command.limitTicks ?? 0;
      announceBut(maker !== undefined && crosses(taker, maker) && wants(taker, price) > 0 ? price : 0);
      if (maker === undefined || !crosses(taker, maker) || wants(taker, price) === 0) return outcome(taker, maker);
      if (!touched.has(price)) touched.set(price, this.lotsAt(!taker.isBuy, price));
      const lots = Math.min(wants(taker, price), maker.openLots);
      if (maker.command.userId !== taker.command.userId) {
        this.execute(maker, taker, price, lots, sink);
      } else if (this.prevent(maker, taker, price, lots, sink)) {
        announceBut(0);
        return { status: 'CANCELLED', reason: 'SELF_TRADE_PREVENTION' };
      }
    }
  }

  private execute(maker: NaiveOrder, taker: NaiveOrder, price: number, lots: number, sink: EventSink): void {
    for (const order of [maker, taker]) {
      order.executedLots += lots;
      order.executedQuote += price * lots;
      if (order.command.budget > 0) order.budgetLeft -= price * lots;
      else order.openLots -= lots;
    }
    const buyer = maker.isBuy ? maker : taker;
    const release = buyer.command.budget > 0 ? 0 : (buyer.command.reserveTicks - price) * lots;
    this.lastTicks = price;
    sink.traded(++this.tradeSeq, maker, taker, price, lots, release);
    this.dropEmpty(maker, sink);
  }

  /** True: the taker is ended by it. */
  private prevent(maker: NaiveOrder, taker: NaiveOrder, price: number, lots: number, sink: EventSink): boolean {
    const mode = taker.command.selfTradePrevention;
    const makerRelease = mode === 'EXPIRE_TAKER' ? 0 : lose(maker, price, lots);
    const takerRelease = mode === 'EXPIRE_MAKER' ? 0 : lose(taker, price, lots);
    sink.prevented(maker, taker, price, lots, makerRelease, takerRelease);
    const makerExpires = mode === 'EXPIRE_MAKER' || mode === 'EXPIRE_BOTH';
    if (makerExpires) {
      this.orders = this.orders.filter((open) => open !== maker);
      end(maker, 'CANCELLED', 'SELF_TRADE_PREVENTION', sink);
    } else {
      this.dropEmpty(maker, sink);
    }
    return mode === 'EXPIRE_TAKER' || mode === 'EXPIRE_BOTH';
  }

  private dropEmpty(maker: NaiveOrder, sink: EventSink): void {
    if (maker.openLots > 0) return;
    this.orders = this.orders.filter((open) => open !== maker);
    if (maker.preventedLots > 0) end(maker, 'CANCELLED', 'SELF_TRADE_PREVENTION', sink);
    else end(maker, 'FILLED', undefined, sink);
  }

  private remove(order: NaiveOrder, status: FinalStatus, reason: Reason, sink: EventSink): void {
    this.orders = this.orders.filter((open) => open !== order);
    end(order, status, reason, sink);
    this.announce(order.isBuy, order.command.limitTicks, sink);
  }

  private announce(isBuy: boolean, priceTicks: number, sink: EventSink): void {
    sink.levelChanged(++this.bookSeq, isBuy, priceTicks, this.lotsAt(isBuy, priceTicks));
  }
}

function newOrder(command: OrderCommand): NaiveOrder {
  return {
    command,
    id: command.orderId,
    user: { id: command.userId },
    limitTicks: command.limitTicks,
    isBuy: command.side === 'BUY',
    openLots: command.lots,
    executedLots: 0,
    executedQuote: 0,
    preventedLots: 0,
    budgetLeft: command.budget,
    prioritySeq: 0,
  };
}

function crosses(taker: NaiveOrder, maker: NaiveOrder): boolean {
  const [buy, sell] = taker.isBuy ? [taker, maker] : [maker, taker];
  return buy.command.limitTicks >= sell.command.limitTicks;
}

function wants(taker: NaiveOrder, price: number): number {
  return taker.command.budget > 0 ? Math.floor(taker.budgetLeft / price) : taker.openLots;
}

/** Takes prevented lots from an order and says what they had reserved. */
function lose(order: NaiveOrder, price: number, lots: number): number {
  order.preventedLots += lots;
  if (order.command.budget > 0) {
    order.budgetLeft -= price * lots;
    return price * lots;
  }
  order.openLots -= lots;
  return order.isBuy ? lots * order.command.reserveTicks : lots;
}

function outcome(taker: NaiveOrder, next: NaiveOrder | undefined): { status?: FinalStatus; reason?: Reason } {
  const { budget, timeInForce, orderType } = taker.command;
  const nextPrice = next?.command.limitTicks ?? 0;
  const isSpent = taker.budgetLeft < nextPrice || taker.budgetLeft === 0;
  const isDone = budget > 0 ? isSpent && taker.executedLots > 0 : taker.openLots === 0;
  if (isDone && taker.preventedLots === 0) return { status: 'FILLED' };
  if (!isDone && (timeInForce === 'GTC' || timeInForce === 'DAY')) return {};
  if (taker.preventedLots > 0) return { status: 'CANCELLED', reason: 'SELF_TRADE_PREVENTION' };
  if (orderType === 'LIMIT') return { status: 'CANCELLED', reason: 'IOC_REMAINDER' };
  if (next === undefined) return { status: 'CANCELLED', reason: 'MARKET_REMAINDER' };
  return { status: 'CANCELLED', reason: budget > 0 && isSpent ? 'BUDGET_TOO_SMALL' : 'COLLAR' };
}

function end(order: NaiveOrder, status: FinalStatus, reason: Reason | undefined, sink: EventSink): void {
  const left = order.openLots;
  const perLot = order.isBuy ? order.command.reserveTicks : 1;
  const release = left * perLot + order.budgetLeft;
  order.openLots = 0;
  order.budgetLeft = 0;
  sink.finished(order, status, reason, left, release);
}
