import type { AmendRow, MarketCommit, OrderChange, ReleaseRow, TradeRow } from '../storage/trading/matching-commit.ts';
import type { BatchOutput, OrderOutput, TradeOutput } from './batch-output.ts';
import { derivedId, derivedTradeId } from './derived-id.ts';
import type { MassEnd } from './engine/state.ts';
import type { Units } from './units.ts';

/** An entry that could not be applied, for a person to look at. */
export interface DeadLetter {
  /** Empty when it did not come by the stream. */
  readonly streamId: string;
  readonly text: string;
  readonly error: string;
}

export type JournalOrder = readonly [
  orderId: string,
  userId: string,
  side: 'BUY' | 'SELL',
  status: string,
  filled: string,
  executed: string,
  prevented: string,
  reason: string | null,
  /** Of a stop that the batch triggered; else null or left out. */
  triggered?: true | null,
  /** What amends of the batch have made of it; else null or left out. */
  amended?: JournalAmend | null,
  /** Of a leg: its list; else left out. */
  orderListId?: string,
];

/** Null where the order has none. */
export type JournalAmend = readonly [
  quantity: string | null,
  price: string | null,
  stopPrice: string | null,
  keptPlace: boolean,
];

export type JournalTrade = readonly [
  tradeSeq: number,
  price: string,
  quantity: string,
  quote: string,
  isBuyerMaker: boolean,
  buyerOrderId: string,
  buyerUserId: string,
  buyerFee: string,
  sellerOrderId: string,
  sellerUserId: string,
  sellerFee: string,
];

/** A batch's output events as the journal keeps them: compact, and complete enough to publish from. */
export interface JournalEvents {
  /** Orders as the batch leaves them. */
  readonly o: readonly JournalOrder[];
  readonly t: readonly JournalTrade[];
  /** The book's sequence before and after, and the levels that changed. */
  readonly l: readonly [
    before: number,
    after: number,
    changes: readonly (readonly [side: 'BUY' | 'SELL', price: string, quantity: string])[],
  ];
  readonly d: readonly (readonly [streamId: string, text: string, error: string])[];
  /** What ended many orders at once and is not told of all of them; else left out. */
  readonly x?: readonly MassEnd[];
}

export interface BatchFacts {
  readonly symbol: string;
  /** The number of this batch, and its time in milliseconds. */
  readonly batch: number;
  readonly time: number;
  readonly bookSeqBefore: number;
  readonly bookSeq: number;
  readonly output: BatchOutput;
  readonly dead: readonly DeadLetter[];
  readonly ends: readonly MassEnd[];
}

const sideOf = (isBuy: boolean): 'BUY' | 'SELL' => (isBuy ? 'BUY' : 'SELL');

/** What a batch's output is in the journal and in the tables: the same numbers, written once. */
export function writeBatch(
  facts: BatchFacts,
  units: Units,
): Pick<MarketCommit, 'orders' | 'amends' | 'trades' | 'prevented' | 'merges' | 'releases'> & {
  readonly events: JournalEvents;
} {
  const { symbol, batch, time, output, dead } = facts;
  const orders = output.orders.map((order) => orderChange(order, units));
  const trades = output.trades.map((trade) => tradeRow(trade, symbol, time, units));
  const events: JournalEvents = {
    o: output.orders.map((order, index) => journalOrder(order, orders[index] as OrderChange, units)),
    t: trades.map((trade) => [
      trade.tradeSeq,
      trade.price,
      trade.quantity,
      trade.quote,
      trade.isBuyerMaker,
      trade.buyerOrderId,
      trade.buyerUserId,
      trade.buyerFee,
      trade.sellerOrderId,
      trade.sellerUserId,
      trade.sellerFee,
    ]),
    l: [
      facts.bookSeqBefore,
      facts.bookSeq,
      output.levels.map(({ isBuy, priceTicks, lots }) => [
        sideOf(isBuy),
        units.price(priceTicks),
        units.quantity(lots),
      ]),
    ],
    d: dead.map(({ streamId, text, error }) => [streamId, text, error]),
    ...(facts.ends.length === 0 ? {} : { x: facts.ends }),
  };
  const prevented = output.prevented.map(({ makerOrderId, takerOrderId, priceTicks, lots }, index) => ({
    preventedMatchId: derivedId(time, `prevented:${symbol}:${batch}:${index}`),
    makerOrderId,
    takerOrderId,
    price: units.price(priceTicks),
    quantity: units.quantity(lots),
  }));
  const releases = output.releases.map(({ reservationId, isBuy, amount, reason }, index): ReleaseRow => ({
    transferId: derivedId(time, `release:${symbol}:${batch}:${index}`),
    reservationId,
    amount: isBuy ? units.quote(amount) : units.quantity(amount),
    reason,
  }));
  const amends = output.orders.flatMap((order) => amendRows(order, units));
  return { events, orders, amends, trades, prevented, merges: output.merges, releases };
}

function journalOrder(order: OrderOutput, change: OrderChange, units: Units): JournalOrder {
  const { orderId, userId, isBuy, reason, isTriggered, amended } = order;
  const { status, filled, executed, prevented } = change;
  const told = [orderId, userId, sideOf(isBuy), status, filled, executed, prevented, reason ?? null] as const;
  const triggered = isTriggered ? true : null;
  // A leg is never amended.
  if (order.orderListId !== undefined) return [...told, triggered, null, order.orderListId];
  if (amended === undefined) return isTriggered ? [...told, true] : told;
  const { lots, limitTicks, stopTicks, hasPrice, keepsPlace } = amended;
  return [
    ...told,
    triggered,
    [
      lots === 0 ? null : units.quantity(lots),
      hasPrice ? units.price(limitTicks) : null,
      stopTicks === 0 ? null : units.price(stopTicks),
      keepsPlace,
    ],
  ];
}

function amendRows({ orderId, amended }: OrderOutput, units: Units): readonly AmendRow[] {
  if (amended === undefined) return [];
  const { lots, limitTicks, stopTicks, reserveTicks } = amended;
  return [
    {
      order_id: orderId,
      quantity: units.quantity(lots),
      limit: units.price(limitTicks),
      stop_price: units.price(stopTicks),
      reserve_price: units.price(reserveTicks),
    },
  ];
}

const orderChange = (order: OrderOutput, units: Units): OrderChange => ({
  orderId: order.orderId,
  status: order.status,
  filled: units.quantity(order.executedLots),
  executed: units.quote(order.executedQuote),
  prevented: units.quantity(order.preventedLots),
  fee: units.fee(order.isBuy, order.fee),
  prioritySeq: order.prioritySeq === 0 ? undefined : order.prioritySeq,
  stopSeq: order.stopSeq === 0 ? undefined : order.stopSeq,
  isTriggered: order.isTriggered,
  reason: order.reason,
});

const tradeRow = (trade: TradeOutput, symbol: string, time: number, units: Units): TradeRow => ({
  tradeId: derivedTradeId(time, symbol, trade.tradeSeq),
  tradeSeq: trade.tradeSeq,
  buyerOrderId: trade.buyer.orderId,
  sellerOrderId: trade.seller.orderId,
  buyerUserId: trade.buyer.userId,
  sellerUserId: trade.seller.userId,
  price: units.price(trade.priceTicks),
  quantity: units.quantity(trade.lots),
  quote: units.quote(trade.priceTicks * trade.lots),
  buyerFee: units.fee(true, trade.buyer.fee),
  sellerFee: units.fee(false, trade.seller.fee),
  buyerRelease: units.quote(trade.buyerRelease),
  isBuyerMaker: trade.isBuyerMaker,
  buyerListId: trade.buyer.orderListId,
  sellerListId: trade.seller.orderListId,
});
