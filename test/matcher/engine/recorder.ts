import { type AmendedTerms, type EngineOrder, type EventSink } from '../../../matcher/engine/types.ts';

export interface RecordedOrder {
  readonly id: string;
  readonly open: number;
  readonly executed: number;
  readonly quote: number;
  readonly prevented: number;
  readonly budget: number;
  readonly priority: number;
  readonly stop: number;
}
export type RecordedEvent =
  | { type: 'rested'; order: RecordedOrder }
  | { type: 'waits'; order: RecordedOrder }
  | { type: 'triggered'; order: RecordedOrder }
  | { type: 'amended'; order: RecordedOrder; terms: AmendedTerms; release: number }
  | {
      type: 'traded';
      seq: number;
      maker: RecordedOrder;
      taker: RecordedOrder;
      price: number;
      lots: number;
      release: number;
    }
  | { type: 'prevented'; maker: RecordedOrder; taker: RecordedOrder; price: number; lots: number; releases: number[] }
  | {
      type: 'finished';
      order: RecordedOrder;
      status: string;
      reason: string | undefined;
      left: number;
      release: number;
    }
  | { type: 'level'; seq: number; isBuy: boolean; price: number; lots: number };

/** A sink that keeps what it is told, each order as it stood at that moment. */
export function createRecorder(): { readonly sink: EventSink; readonly events: RecordedEvent[] } {
  const events: RecordedEvent[] = [];
  const sink: EventSink = {
    rested: (order) => events.push({ type: 'rested', order: copy(order) }),
    waits: (order) => events.push({ type: 'waits', order: copy(order) }),
    amended: (order, terms, release) => events.push({ type: 'amended', order: copy(order), terms, release }),
    triggered: (order) => events.push({ type: 'triggered', order: copy(order) }),
    traded: (seq, maker, taker, price, lots, release) =>
      events.push({ type: 'traded', seq, maker: copy(maker), taker: copy(taker), price, lots, release }),
    prevented: (maker, taker, price, lots, makerRelease, takerRelease) =>
      events.push({
        type: 'prevented',
        maker: copy(maker),
        taker: copy(taker),
        price,
        lots,
        releases: [makerRelease, takerRelease],
      }),
    finished: (order, status, reason, left, release) =>
      events.push({ type: 'finished', order: copy(order), status, reason, left, release }),
    levelChanged: (seq, isBuy, price, lots) => events.push({ type: 'level', seq, isBuy, price, lots }),
  };
  return { sink, events };
}

function copy(order: EngineOrder): RecordedOrder {
  return {
    id: order.id,
    open: order.openLots,
    executed: order.executedLots,
    quote: order.executedQuote,
    prevented: order.preventedLots,
    budget: order.budgetLeft,
    priority: order.prioritySeq,
    stop: order.stopSeq,
  };
}
