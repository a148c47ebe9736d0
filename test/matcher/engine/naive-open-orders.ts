/** The naive book's open orders, and what is asked of them; the legs of a list end together. */
import {
  type Depth,
  type EventSink,
  type FinalStatus,
  type PriceLevel,
  type Reason,
  type Side,
} from '../../../matcher/engine/types.ts';
import { type MassEnd } from '../../../matcher/engine/state.ts';
import { end, type NaiveOrder } from './naive-orders.ts';

/** What an order ends with, and the other leg of its list. */
export interface NaiveEnd {
  readonly of: MassEnd;
  readonly order: NaiveOrder;
  readonly others: [FinalStatus, Reason];
}

export class NaiveOpenOrders {
  orders: NaiveOrder[] = [];
  stops: NaiveOrder[] = [];
  /** Out of the book, their ends not told yet, in order. */
  dying: NaiveEnd[] = [];
  chunk = 500;
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

  protected removeAll(orders: NaiveOrder[], of: MassEnd, sink: EventSink): void {
    for (const order of orders) {
      // The other leg of one before it is out already.
      if (!this.open().includes(order)) continue;
      const { other } = order;
      const isBoth = other !== undefined && orders.includes(other);
      this.orders = this.orders.filter((open) => open !== order && open !== other);
      this.stops = this.stops.filter((open) => open !== order && open !== other);
      this.dying.push({ of, order, others: isBoth ? [statusOf(of), of.reason] : ['CANCELLED', 'OCO_OTHER_LEG'] });
    }
    this.tellDying(sink);
  }

  tellDying(sink: EventSink): void {
    for (const { of, order, others } of this.dying.splice(0, this.chunk)) {
      const { other } = order;
      const rested = [order, other].filter((one) => one?.stopSeq === 0) as NaiveOrder[];
      order.stopSeq = 0;
      if (other !== undefined) other.stopSeq = 0;
      end(order, statusOf(of), of.reason, sink);
      if (other !== undefined) end(other, ...others, sink);
      for (const one of rested) this.announce(one.isBuy, one.command.limitTicks, sink);
    }
  }

  /** Those that are open in PostgreSQL still. */
  untold(): NaiveOrder[] {
    return this.dying.flatMap(({ order }) => (order.other === undefined ? [order] : [order, order.other]));
  }

  protected remove(order: NaiveOrder, status: FinalStatus, reason: Reason, sink: EventSink): void {
    const isWaiting = order.stopSeq > 0;
    this.orders = this.orders.filter((open) => open !== order);
    this.stops = this.stops.filter((open) => open !== order);
    order.stopSeq = 0;
    this.end(order, status, reason, sink);
    if (!isWaiting) this.announce(order.isBuy, order.command.limitTicks, sink);
  }

  /** The other leg of its list ends with an order, unless it goes on alone. */
  protected end(order: NaiveOrder, status: FinalStatus, reason: Reason | undefined, sink: EventSink): void {
    const { other } = order;
    end(order, status, reason, sink);
    order.other = undefined;
    if (other?.other !== order) return;
    other.other = undefined;
    this.remove(other, 'CANCELLED', 'OCO_OTHER_LEG', sink);
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

const statusOf = ({ reason }: MassEnd): FinalStatus => (reason === 'DAY_END' ? 'EXPIRED' : 'CANCELLED');
