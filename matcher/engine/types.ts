/**
 * What goes into the matching engine and what comes out of it.
 *
 *     const book = createBook(limits);
 *     book.restore(state);                        // what was committed, before the first command
 *     book.place(order, time, sink);              // every call tells `sink` what happened, in order
 *     book.cancel(orderId, 'USER', time, sink);
 *     book.hash();                                // the state's hash, for the commit
 *
 * Units: a price is whole ticks, a quantity whole lots, a quote amount whole ticks × lots. The market's rules keep
 * max price × max quantity below 2^53, so every amount of one order is an exact number. A time is the batch's, in
 * milliseconds; the engine has no clock, no randomness and no I/O: the same commands give the same calls of the sink.
 * For the commit, per order: every number is read from the order inside the call (orders change afterwards), and
 * - reserved at placement = `reserveTicks × lots` (limit buys, market buys by quantity), `budget` (market buys by
 *   quote amount) or `lots` (sells);
 * - a trade takes from the buyer's reservation `priceTicks × lots` and frees `buyerRelease` for settlement to return;
 * - `prevented` and `finished` say what they release at once: ticks × lots for a buy, lots for a sell;
 * - an amend adds all its `funds`, and `amended` says what of the whole it releases at once.
 * What was reserved and added is the sum of the others when the order is final. The two legs of a list share what the
 * larger one needs: of both together this sum is right, of one alone it is not.
 */
import { type Rescaling } from '../../domain/trading/steps.ts';
import { type BookState, type MassEnd } from './state.ts';

export type Side = 'BUY' | 'SELL';
export type OrderType = 'LIMIT' | 'MARKET' | 'STOP' | 'STOP_LIMIT';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'DAY';
export type SelfTradePrevention = 'EXPIRE_TAKER' | 'EXPIRE_MAKER' | 'EXPIRE_BOTH' | 'DECREMENT';
export type MarketStatus = 'ACTIVE' | 'CANCEL_ONLY' | 'HALTED' | 'POST_ONLY' | 'DELISTED';

/** An order as it reaches the engine: judged, reserved and committed PENDING. */
export interface OrderCommand {
  readonly orderId: string;
  readonly userId: string;
  readonly side: Side;
  readonly orderType: OrderType;
  /** MARKET takes IOC or FOK, STOP IOC. */
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  /** The quantity; 0 for a market buy by quote amount. */
  readonly lots: number;
  /** The worst price it may trade at: the limit price, or the protection price of a MARKET or STOP order. */
  readonly limitTicks: number;
  /** The trade price that triggers a STOP (then a market order) or STOP_LIMIT (then a limit order); else 0. */
  readonly stopTicks: number;
  /** What a buy has reserved for each lot: the limit or protection price. 0 for sells and buys by quote amount. */
  readonly reserveTicks: number;
  /** Ticks × lots a MARKET or STOP buy by quote amount may spend, rounded down; else 0. */
  readonly budget: number;
  /** When it was placed, milliseconds. */
  readonly createdAt: number;
  /** When a DAY order ends, milliseconds; else 0. */
  readonly expiresAt: number;
  /** Of a leg of a list: the list. */
  readonly orderListId?: string | undefined;
}

/** One cancels the other: two orders of one user, side and quantity, a LIMIT that may rest and a STOP or STOP_LIMIT. */
export interface ListCommand {
  readonly limit: OrderCommand;
  readonly stop: OrderCommand;
}

/** What of an order an amend may change. */
export interface OrderTerms {
  /** The quantity in all, what is executed and prevented included; 0 for a buy by quote amount. */
  readonly lots: number;
  /** The limit price, or the protection price of a STOP. */
  readonly limitTicks: number;
  /** 0 for an order that is no stop. */
  readonly stopTicks: number;
}

/** A change of an open order, judged and funded by what its terms were then. */
export interface AmendCommand {
  readonly orderId: string;
  /** Whoever asks saw the order like this. */
  readonly from: OrderTerms;
  readonly to: OrderTerms;
  /** The order's own, for when it meets the book anew. */
  readonly postOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  /** What is set aside for it beside what the order has reserved: ticks × lots for a buy, lots for a sell. */
  readonly funds: number;
}

/** What an amend has made of an order. */
export interface AmendedTerms extends OrderTerms {
  /** False for a STOP, whose `limitTicks` is its protection price. */
  readonly hasPrice: boolean;
  /** What a buy has reserved for each lot, as in OrderCommand. */
  readonly reserveTicks: number;
  /** Whether it kept its place in line: only its quantity became less. */
  readonly keepsPlace: boolean;
}

/** What is checked again when an order comes in, because it may have changed since the door looked. */
export interface MarketLimits {
  readonly status: MarketStatus;
  readonly minTicks: number;
  readonly maxTicks: number;
  readonly minLots: number;
  readonly maxLots: number;
}

/** An order in the engine's hands. Sinks read it inside their call and keep nothing of it but strings. */
export interface EngineOrder {
  readonly id: string;
  readonly user: { readonly id: string };
  readonly isBuy: boolean;
  /** The command's: its price, or the worst it trades at. */
  readonly limitTicks: number;
  /** What may still trade; lots = open + executed + prevented + cancelled, except for buys by quote amount. */
  readonly openLots: number;
  readonly executedLots: number;
  /** Ticks × lots traded. */
  readonly executedQuote: number;
  readonly preventedLots: number;
  /** What a buy by quote amount has left to spend, ticks × lots. */
  readonly budgetLeft: number;
  /** Its place in the market's line: the bookSeq of its coming to rest; 0 before. */
  readonly prioritySeq: number;
  /** Its place among the stops that wait, in the order they came; 0 for an order that does not wait. */
  readonly stopSeq: number;
}

export type FinalStatus = 'FILLED' | 'CANCELLED' | 'REJECTED' | 'EXPIRED';
export type CancelReason = 'USER' | 'CANCEL_ALL' | 'CANCEL_ALL_AFTER' | 'ADMIN' | 'DELISTED' | 'FAULTED';
export type Reason =
  | CancelReason
  | 'BUDGET_TOO_SMALL'
  | 'COLLAR'
  | 'DAY_END'
  | 'FOK_NOT_FILLABLE'
  | 'INVALID_PRICE'
  | 'INVALID_QUANTITY'
  | 'IOC_REMAINDER'
  | 'MARKET_NOT_ACTIVE'
  | 'MARKET_POST_ONLY'
  | 'MARKET_REMAINDER'
  | 'OCO_OTHER_LEG'
  | 'POST_ONLY_WOULD_TAKE'
  | 'SELF_TRADE_PREVENTION'
  | 'STOP_WOULD_TRIGGER'
  | 'TOO_LATE';

/** Why an amend left its order as it was. */
export type AmendRefusal =
  | 'INVALID_PRICE'
  | 'INVALID_QUANTITY'
  | 'MARKET_NOT_ACTIVE'
  | 'MARKET_POST_ONLY'
  | 'ORDER_CHANGED'
  | 'ORDER_IN_LIST'
  | 'ORDER_NOT_OPEN'
  | 'POST_ONLY_WOULD_TAKE'
  | 'STOP_WOULD_TRIGGER';

/** Told what happens, in order, as it happens. */
export interface EventSink {
  /** The order came to rest: it is OPEN, or PARTIALLY_FILLED when it has executed lots. */
  rested(order: EngineOrder): void;
  /** A stop was taken in and waits for its price: it is OPEN, in no price level. */
  waits(order: EngineOrder): void;
  /**
   * The order, still open, has new terms, and its reservation all the amend's funds but `release`. One that lost its
   * place is in the book no more: what it does as an order that has just come follows.
   */
  amended(order: EngineOrder, terms: AmendedTerms, release: number): void;
  /** A stop's price came: what it does as a market or limit order follows. */
  triggered(order: EngineOrder): void;
  /** Both orders already carry the fill. `buyerRelease` is the buyer's price improvement, ticks × lots. */
  traded(
    tradeSeq: number,
    maker: EngineOrder,
    taker: EngineOrder,
    priceTicks: number,
    lots: number,
    buyerRelease: number,
  ): void;
  /** The two would have traded but are one user's. A side that lost these lots releases; the other's release is 0. */
  prevented(
    maker: EngineOrder,
    taker: EngineOrder,
    priceTicks: number,
    lots: number,
    makerRelease: number,
    takerRelease: number,
  ): void;
  /** The order is final. `leftLots` is what is cancelled (0 for FILLED), `release` what its reservation gives back. */
  finished(
    order: EngineOrder,
    status: FinalStatus,
    reason: Reason | undefined,
    leftLots: number,
    release: number,
  ): void;
  /** A price level has `lots` in all now (0: it is gone). `bookSeq` is gapless; at most one call a level and step. */
  levelChanged(bookSeq: number, isBuy: boolean, priceTicks: number, lots: number): void;
}

export interface PriceLevel {
  readonly priceTicks: number;
  readonly lots: number;
  readonly orders: number;
}

export interface Depth {
  /** Best first. */
  readonly bids: readonly PriceLevel[];
  readonly asks: readonly PriceLevel[];
}

/** One market's book. Commands are applied one after the other; times never go back. */
export interface Book {
  /**
   * Gets the memory at hand that the next commands need, by the orders they are about: they then take less time
   * (bench/README.md). Changes nothing, and nothing depends on it: the commands may come otherwise or not at all. Gives
   * the hash of each one's id, which spares the command of that same id to make it again.
   */
  foresee(commands: readonly { readonly orderId: string }[]): Int32Array;
  /**
   * Takes an order in: it is refused, trades, rests, waits, or several of these. Its trades trigger stops, whose trades
   * trigger more, until none is left to trigger. An id that is in the book does nothing.
   * Throws before anything changed when the numbers are no order's (a bug of the caller). `foreseen`: what
   * `foresee` gave for it; 0 when it was not asked.
   */
  place(command: OrderCommand, time: number, sink: EventSink, foreseen?: number): void;
  /**
   * Takes a list in: the stop waits, then the limit order acts; neither when one is refused. The first fill of a leg,
   * however small, its stop price or its end ends the other in the same command. A known leg, and throws, as `place`.
   */
  placeList(list: ListCommand, time: number, sink: EventSink): void;
  /** Takes an open order back, of a list both. False, and nothing happens, when there is none. O(1) in its level. */
  cancel(orderId: string, reason: CancelReason, time: number, sink: EventSink, foreseen?: number): boolean;
  /**
   * Gives an open order new terms. Less of it alone keeps its place; any other change takes it out and lets it meet the
   * book as an order that has just come, or lets a stop wait behind the others. The reason when it is refused: then the
   * order is as it was. Throws before anything changed when the numbers are no amend's (a bug of the caller).
   */
  amend(command: AmendCommand, time: number, sink: EventSink, foreseen?: number): AmendRefusal | undefined;
  /**
   * Takes all open orders of a user back, oldest first and waiting stops last, and lets orders created up to
   * `createdUpTo` (milliseconds) that are still on their way end at intake. Returns how many there were. Like all that
   * ends many at once, it takes them out at once, and tells no more than the book's chunk of it.
   */
  cancelAll(userId: string, reason: CancelReason, createdUpTo: number, time: number, sink: EventSink): number;
  /** Expires what is due. Every command does it first; a quiet market is woken with it. */
  expireDue(time: number, sink: EventSink): void;
  /**
   * Changes status and limits for what comes from now on; DELISTED cancels everything. With `rescaling` the book first
   * counts in finer steps, as the limits do. Throws before anything changed on limits that cannot be, or are too wide.
   */
  changeMarket(limits: MarketLimits, time: number, sink: EventSink, rescaling?: Rescaling): void;
  /** Tells the ends of the next chunk of orders that are out of the book: of two legs with the first. */
  tellDying(sink: EventSink): void;
  /** How many are out of the book whose end is not told; of two legs one. */
  dying(): number;
  /** What ended orders whose ends are not told yet, for the commit. */
  massEnds(): readonly MassEnd[];
  /** Fills an empty book. Throws when the orders are out of line or cross: then the committed state is broken. */
  restore(state: BookState): void;
  find(orderId: string): EngineOrder | undefined;
  /** Resting orders of one side by price, then priority. */
  orders(side: Side): Iterable<EngineOrder>;
  depth(levels: number): Depth;
  /** 0 when the side is empty. O(1). */
  bestTicks(side: Side): number;
  /** 16 hex digits over the open orders, stops that wait, and the sequences; equal for equal states, O(1). */
  hash(): string;
  readonly bookSeq: number;
  readonly tradeSeq: number;
  readonly stopSeq: number;
  /** The last trade's price, the market's reference; 0 before the first. */
  readonly lastTicks: number;
  /** Resting orders and waiting stops. */
  readonly openOrders: number;
}
