import type { PublicCandle } from '../../domain/trading/candle.ts';
import type { PublicTrade } from '../../domain/trading/feed.ts';
import type { PublicTicker } from '../../domain/trading/ticker.ts';

export type FeedEventType = 'snapshot' | 'update' | 'reset';

interface FeedEvent {
  /** A reset is a snapshot that was not asked for. */
  readonly type: FeedEventType;
  readonly first_sequence: number;
  readonly last_sequence: number;
}

export type PriceAndQuantity = readonly [price: string, quantity: string];

/** Sequences are the book's. In an update, levels that changed; quantity "0" when one is gone. */
export interface DepthEvent extends FeedEvent {
  readonly crc32?: number;
  readonly data: { readonly bids: readonly PriceAndQuantity[]; readonly asks: readonly PriceAndQuantity[] };
}

/** Sequences are the trades'. Oldest first. */
export interface TradesEvent extends FeedEvent {
  readonly data: readonly PublicTrade[];
}

/** Sequences are the trades'. Oldest first; in an update, those that changed, each as it is now. */
export interface CandlesEvent extends FeedEvent {
  readonly data: readonly PublicCandle[];
}

/** Both sequences are the last trade's: each ticker says all. */
export interface TickerEvent extends FeedEvent {
  readonly data: PublicTicker;
}

export type Listener<E> = (event: E) => void;

/** Those who follow one thing. */
export interface Audience<E> {
  add(listener: Listener<E>): () => void;
  tell(event: E): void;
  readonly size: number;
}

export function createAudience<E>(): Audience<E> {
  const listeners = new Set<Listener<E>>();
  return {
    add(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(event) {
      for (const listener of listeners) listener(event);
    },
    get size() {
      return listeners.size;
    },
  };
}
