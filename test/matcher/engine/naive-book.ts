/**
 * The matching rules once more, written to be obviously right: one array of open orders, sorted and filtered for every
 * question. The engine must tell the same story, event by event.
 */
import { type Rescaling } from '../../../domain/trading/steps.ts';
import { hashFromScratch } from '../../../matcher/engine/hash.ts';
import {
  type AmendCommand,
  type AmendRefusal,
  type CancelReason,
  type EventSink,
  type FinalStatus,
  type ListCommand,
  type MarketLimits,
  type OrderCommand,
  type Reason,
} from '../../../matcher/engine/types.ts';
import { amended, judgeAmend } from './naive-amends.ts';
import { NaiveOpenOrders } from './naive-open-orders.ts';
import {
  crosses,
  end,
  isCrossed,
  judge,
  lose,
  newOrder,
  outcome,
  rescaleNaive,
  reservedFor,
  silent,
  wants,
  type NaiveOrder,
} from './naive-orders.ts';

export class NaiveBook extends NaiveOpenOrders {
  tradeSeq = 0;
  stopSeq = 0;
  lastTicks = 0;
  readonly cancelledBefore = new Map<string, number>();
  limits: MarketLimits;
  /** Of the trades that stops have not been held against yet. */
  private readonly prices: number[] = [];

  constructor(limits: MarketLimits) {
    super();
    this.limits = limits;
  }

  place(command: OrderCommand, time: number, sink: EventSink): void {
    const isKnown = this.open().some((open) => open.command.orderId === command.orderId);
    this.expireDue(time, sink);
    if (isKnown) return;
    this.takeIn(newOrder(command), time, sink);
    this.fireStops(sink);
  }

  placeList(list: ListCommand, time: number, sink: EventSink): void {
    const ids = [list.limit.orderId, list.stop.orderId];
    const isKnown = this.open().some((open) => ids.includes(open.id));
    this.expireDue(time, sink);
    if (isKnown) return;
    const [limit, stop] = [newOrder(list.limit), newOrder(list.stop)];
    for (const leg of [limit, stop]) {
      const verdict = this.judge(leg, time);
      if (verdict === undefined) continue;
      const other = leg === limit ? stop : limit;
      leg.other = other;
      end(leg, ...verdict, sink);
      const [status, reason] = this.judge(other, time) ?? ['CANCELLED', 'OCO_OTHER_LEG'];
      return end(other, status, reason, sink);
    }
    limit.other = stop;
    stop.other = limit;
    this.wait(stop, sink);
    this.act(limit, sink);
    this.fireStops(sink);
  }

  cancel(orderId: string, reason: CancelReason, time: number, sink: EventSink): boolean {
    this.expireDue(time, sink);
    const order = this.open().find((open) => open.command.orderId === orderId);
    if (order !== undefined) this.remove(order, 'CANCELLED', reason, sink);
    return order !== undefined;
  }

  amend(command: AmendCommand, time: number, sink: EventSink): AmendRefusal | undefined {
    this.expireDue(time, sink);
    const order = this.open().find((open) => open.command.orderId === command.orderId);
    if (order === undefined) return 'ORDER_NOT_OPEN';
    const reserved = reservedFor(order);
    const { after, terms } = amended(order, command);
    const needed = reservedFor(after) - reserved;
    const refusal = judgeAmend(
      order,
      after,
      command,
      this.limits,
      this.lastTicks,
      this.sorted(!order.isBuy)[0],
      needed,
    );
    if (refusal !== undefined) return refusal;
    const { limitTicks, openLots, stopSeq } = order;
    Object.assign(order, after);
    const release = command.funds - needed;
    if (terms.keepsPlace) {
      sink.amended(order, terms, release);
      if (stopSeq === 0 && order.openLots < openLots) this.announce(order.isBuy, limitTicks, sink);
      return undefined;
    }
    this.orders = this.orders.filter((open) => open !== order);
    this.stops = this.stops.filter((open) => open !== order);
    order.stopSeq = 0;
    sink.amended(order, terms, release);
    if (stopSeq > 0) {
      this.wait(order, sink);
      return undefined;
    }
    this.announce(order.isBuy, limitTicks, sink);
    this.act(order, sink);
    this.fireStops(sink);
    return undefined;
  }

  cancelAll(userId: string, reason: CancelReason, createdUpTo: number, time: number, sink: EventSink): number {
    this.expireDue(time, sink);
    this.cancelledBefore.set(userId, Math.max(createdUpTo, this.cancelledBefore.get(userId) ?? 0));
    const own = this.open().filter((order) => order.command.userId === userId);
    const { bookSeq, stopSeq } = this;
    this.removeAll(own, { reason, userId, bookSeq, stopSeq, until: 0 }, sink);
    return own.length;
  }

  changeMarket(limits: MarketLimits, time: number, sink: EventSink, rescaling?: Rescaling): void {
    if (rescaling !== undefined) this.rescale(rescaling);
    this.expireDue(time, sink);
    this.limits = limits;
    if (limits.status !== 'DELISTED') return;
    const stops = [...this.stops].sort((a, b) => a.stopTicks - b.stopTicks || a.stopSeq - b.stopSeq);
    const buyStops = stops.filter((stop) => stop.isBuy);
    const sellStops = stops.filter((stop) => !stop.isBuy).sort((a, b) => b.stopTicks - a.stopTicks);
    const all = [...this.sorted(true), ...this.sorted(false), ...buyStops, ...sellStops];
    const { bookSeq, stopSeq } = this;
    this.removeAll(all, { reason: 'DELISTED', bookSeq, stopSeq, until: 0 }, sink);
  }

  expireDue(time: number, sink: EventSink): void {
    const due = this.open().filter(({ command }) => command.expiresAt > 0 && command.expiresAt <= time);
    due.sort((a, b) => a.command.expiresAt - b.command.expiresAt);
    if (due.length > 0) this.removeAll(due, { reason: 'DAY_END', bookSeq: 0, stopSeq: 0, until: time }, sink);
  }

  private rescale(by: Rescaling): void {
    for (const order of [...this.open(), ...this.untold()]) rescaleNaive(order, by);
    this.lastTicks *= by.ticks;
  }

  hash(): string {
    const untold = this.untold();
    const stops = untold.filter(({ stopSeq }) => stopSeq > 0);
    const resting = untold.filter(({ stopSeq }) => stopSeq === 0);
    return hashFromScratch([...this.orders, ...resting], [...this.stops, ...stops], this);
  }

  private takeIn(order: NaiveOrder, time: number, sink: EventSink): void {
    const verdict = this.judge(order, time);
    if (verdict !== undefined) return end(order, ...verdict, sink);
    if (order.stopTicks === 0) return this.act(order, sink);
    this.wait(order, sink);
  }

  private judge(order: NaiveOrder, time: number): [FinalStatus, Reason] | undefined {
    const cancelledBefore = this.cancelledBefore.get(order.user.id) ?? -1;
    return judge(order, time, this.limits, cancelledBefore, this.lastTicks);
  }

  private wait(order: NaiveOrder, sink: EventSink): void {
    order.stopSeq = ++this.stopSeq;
    this.stops.push(order);
    sink.waits(order);
  }

  private act(order: NaiveOrder, sink: EventSink): void {
    const { command } = order;
    const best = this.sorted(!order.isBuy)[0];
    if (command.postOnly && best !== undefined && crosses(order, best)) {
      return this.end(order, 'REJECTED', 'POST_ONLY_WOULD_TAKE', sink);
    }
    if (command.timeInForce === 'FOK' && !this.rehearse(command)) {
      return this.end(order, 'CANCELLED', 'FOK_NOT_FILLABLE', sink);
    }
    const { status, reason } = this.trade(order, sink);
    if (status !== undefined) return this.end(order, status, reason, sink);
    order.prioritySeq = this.bookSeq + 1;
    this.orders.push(order);
    sink.rested(order);
    this.announce(order.isBuy, order.command.limitTicks, sink);
  }

  /** Rounds: all stops that one of the last round's trades crossed act, and their trades are the next round's. */
  private fireStops(sink: EventSink): void {
    while (this.prices.length > 0) {
      const prices = this.prices.splice(0);
      const due = this.stops.filter((stop) => prices.some((price) => isCrossed(stop, price)));
      const nearness = (stop: NaiveOrder) => (stop.isBuy ? stop.stopTicks : -stop.stopTicks);
      due.sort((a, b) => Number(b.isBuy) - Number(a.isBuy) || nearness(a) - nearness(b) || a.stopSeq - b.stopSeq);
      for (const stop of due) {
        // Its other leg may have traded in this round.
        if (!this.stops.includes(stop)) continue;
        this.stops = this.stops.filter((waiting) => waiting !== stop);
        stop.stopSeq = 0;
        sink.triggered(stop);
        this.part(stop, sink);
        this.act(stop, sink);
      }
    }
  }

  /** Whether an order would end FILLED, found out by trading it against a copy of this book. */
  private rehearse(command: OrderCommand): boolean {
    const copy = new NaiveBook(this.limits);
    copy.orders = this.orders.map((order) => ({ ...order, other: undefined }));
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
      this.part(order, sink);
      order.executedLots += lots;
      order.executedQuote += price * lots;
      if (order.command.budget > 0) order.budgetLeft -= price * lots;
      else order.openLots -= lots;
    }
    const buyer = maker.isBuy ? maker : taker;
    const release = buyer.command.budget > 0 ? 0 : (buyer.command.reserveTicks - price) * lots;
    this.lastTicks = price;
    this.prices.push(price);
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
      this.end(maker, 'CANCELLED', 'SELF_TRADE_PREVENTION', sink);
    } else {
      this.dropEmpty(maker, sink);
    }
    return mode === 'EXPIRE_TAKER' || mode === 'EXPIRE_BOTH';
  }

  private dropEmpty(maker: NaiveOrder, sink: EventSink): void {
    if (maker.openLots > 0) return;
    this.orders = this.orders.filter((open) => open !== maker);
    if (maker.preventedLots > 0) this.end(maker, 'CANCELLED', 'SELF_TRADE_PREVENTION', sink);
    else this.end(maker, 'FILLED', undefined, sink);
  }
}
