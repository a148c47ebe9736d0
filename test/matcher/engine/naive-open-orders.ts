/** The naive book's open orders, and what is asked of them; the legs of a list end together. */
import {
  type Depth,
  type EventSink,
  type FinalStatus,
  type PriceLevel,
  type Reason,
  type Side,
} from '../../../matcher/engine/types.ts';
import { end, type NaiveOrder } from './naive-orders.ts';

export class NaiveOpenOrders {
  orders: NaiveOrder[] = [];
  stops: NaiveOrder[] = [];
  bookSeq = 0;

  /** What can be cancelled, oldest first: orders that rest, then stops that wait. */
  open(): NaiveOrder[] {
    const resting = [...this.orders].sort((a, b) => a.prioritySeq - b.prioritySeq);
    return [...resting, ...this.stops];
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

  private levels(isBuy: boolean): PriceLevel[] {
    const prices = [...new Set(this.sorted(isBuy).map((order) => order.command.limitTicks))];
    return prices.map((priceTicks) => ({
      priceTicks,
      lots: this.lotsAt(isBuy, priceTicks),
      orders: this.orders.filter((o) => o.isBuy === isBuy && o.command.limitTicks === priceTicks).length,
    }));
  }

  protected lotsAt(isBuy: boolean, priceTicks: number): number {
    const level = this.orders.filter((order) => order.isBuy === isBuy && order.command.limitTicks === priceTicks);
    return level.reduce((sum, order) => sum + order.openLots, 0);
  }

  protected removeAll(orders: NaiveOrder[], status: FinalStatus, reason: Reason, sink: EventSink): void {
    // The other leg of one that was removed is open no more.
    for (const order of orders) {
      if (!this.open().includes(order)) continue;
      const isBoth = order.other !== undefined && orders.includes(order.other);
      this.remove(order, status, reason, sink, isBoth ? [status, reason] : undefined);
    }
  }

  protected remove(
    order: NaiveOrder,
    status: FinalStatus,
    reason: Reason,
    sink: EventSink,
    others: [FinalStatus, Reason] = ['CANCELLED', 'OCO_OTHER_LEG'],
  ): void {
    const isWaiting = order.stopSeq > 0;
    this.orders = this.orders.filter((open) => open !== order);
    this.stops = this.stops.filter((open) => open !== order);
    order.stopSeq = 0;
    this.end(order, status, reason, sink, others);
    if (!isWaiting) this.announce(order.isBuy, order.command.limitTicks, sink);
  }

  /** The other leg of its list ends with an order, unless it goes on alone. */
  protected end(
    order: NaiveOrder,
    status: FinalStatus,
    reason: Reason | undefined,
    sink: EventSink,
    others: [FinalStatus, Reason] = ['CANCELLED', 'OCO_OTHER_LEG'],
  ): void {
    const { other } = order;
    end(order, status, reason, sink);
    order.other = undefined;
    if (other?.other !== order) return;
    other.other = undefined;
    this.remove(other, ...others, sink);
  }

  /** The other leg of its list ends before an order trades or acts. */
  protected part(order: NaiveOrder, sink: EventSink): void {
    const { other } = order;
    order.other = undefined;
    if (other !== undefined) this.remove(other, 'CANCELLED', 'OCO_OTHER_LEG', sink);
  }

  protected announce(isBuy: boolean, priceTicks: number, sink: EventSink): void {
    sink.levelChanged(++this.bookSeq, isBuy, priceTicks, this.lotsAt(isBuy, priceTicks));
  }
}
