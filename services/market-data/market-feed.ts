import type { MarketBatch, PublicTrade } from '../../domain/trading/feed.ts';
import type { BookSnapshot } from '../../storage/trading/depth.ts';
import { type BookView, createDepthFeed } from './depth-feed.ts';
import type { DepthEvent, Listener, TradesEvent } from './events.ts';
import { createTradesFeed } from './trades-feed.ts';

/** One market as this process knows it, and those who follow it. */
export interface MarketFeed {
  /** False until the first snapshot, and while a gap is being closed. */
  readonly live: boolean;
  /** Begins anew from a snapshot; followers get a reset. */
  load(snapshot: BookSnapshot): void;
  /** From here on, what is known is out of date. */
  invalidate(): void;
  /** Takes in what the matcher committed. False when something before it is missing: nothing is changed then. */
  apply(batch: MarketBatch): boolean;
  /** The best `limit` levels of each side, 0 for all. */
  view(limit: number): BookView;
  /** The newest trades, newest first. */
  lastTrades(limit: number): readonly PublicTrade[];
  followDepth(listener: Listener<DepthEvent>): () => void;
  followTrades(listener: Listener<TradesEvent>): () => void;
}

/** Makes a market's feed, which is not live yet. */
export function createMarketFeed(): MarketFeed {
  const depth = createDepthFeed();
  const trades = createTradesFeed();
  let live = false;

  return {
    get live() {
      return live;
    },
    load(snapshot) {
      depth.load(snapshot);
      trades.load(snapshot);
      live = true;
      // Only now: a follower that is told may read any of it.
      depth.tellReset();
      trades.tellReset();
    },
    invalidate() {
      live = false;
    },
    apply({ first_sequence, last_sequence, changes, trades: added }) {
      const next = depth.bookSeq + 1;
      if (last_sequence >= first_sequence && first_sequence > next) return false;
      trades.take(added);
      if (last_sequence >= next) depth.apply(changes, last_sequence);
      return true;
    },
    view: (limit) => depth.view(limit),
    lastTrades: (limit) => trades.last(limit),
    followDepth(listener) {
      // Those who are there get the changes first: the newcomer's snapshot has them.
      depth.flush();
      if (live) listener(depth.snapshot());
      return depth.follow(listener);
    },
    followTrades(listener) {
      if (live) listener(trades.snapshot());
      return trades.follow(listener);
    },
  };
}
