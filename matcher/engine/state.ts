/** What a book is made of, as its last commit has it. */
import { type OrderCommand, type Reason } from './types.ts';

/** An open order as it was committed. */
export interface RestingOrder extends OrderCommand {
  readonly prioritySeq: number;
  readonly executedLots: number;
  readonly executedQuote: number;
  readonly preventedLots: number;
}

/** A stop that waits for its price, as it was committed. */
export interface WaitingStop extends OrderCommand {
  readonly stopSeq: number;
}

/** What ended many orders at once: a cancel-all, the end of a day, or delisting. Which orders follows from it. */
export interface MassEnd {
  readonly reason: Reason;
  /** Of a cancel-all: whose. */
  readonly userId?: string | undefined;
  /** The book's sequences at the time, but of the end of a day: orders that came later are not meant. */
  readonly bookSeq: number;
  readonly stopSeq: number;
  /** Of the end of a day: when it was, milliseconds; else 0. */
  readonly until: number;
}

/** Everything a book was, as its last commit has it. */
export interface BookState {
  /** Orders that rest, triggered stops among them, by prioritySeq. */
  readonly orders: readonly RestingOrder[];
  /** Stops that wait, by stopSeq. */
  readonly stops: readonly WaitingStop[];
  /** What ended some of them that is not told of all; in the order it happened. */
  readonly dying?: readonly MassEnd[];
  readonly bookSeq: number;
  readonly tradeSeq: number;
  /** How many stops have come to wait so far. */
  readonly stopSeq: number;
  /** The last trade's price; 0 before the first. */
  readonly lastTicks: number;
  /** By user: orders created up to then were taken back by a cancel-all. Not part of the hash. */
  readonly cancelledBefore?: ReadonlyMap<string, number>;
}
