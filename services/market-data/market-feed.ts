import type { CandleInterval } from '../../domain/trading/candle.ts';
import type { MarketBatch, PublicTrade } from '../../domain/trading/feed.ts';
import type { PublicTicker } from '../../domain/trading/ticker.ts';
import type { Clock } from '../../platform/clock.ts';
import type { BookSnapshot } from '../../storage/trading/depth.ts';
import type { CandleHistory } from '../../storage/trading/candles.ts';
import { type BookView, createDepthFeed } from './depth-feed.ts';
import type { CandlesEvent, DepthEvent, Listener, TickerEvent, TradesEvent } from './events.ts';
import { createTradeSums } from './trade-sums.ts';
import { createTradesFeed } from './trades-feed.ts';

/** What a market's feed begins with. Each part is one snapshot of its own. */
export interface MarketSnapshot {
  readonly book: BookSnapshot;
  readonly history: CandleHistory;
}

/** One market as this process knows it, and those who follow it. */
export interface MarketFeed {
  /** False until the first snapshot, and while a gap is being closed. */
  readonly live: boolean;
  /** Begins anew from a snapshot; followers get a reset. */
  load(snapshot: MarketSnapshot): void;
  /** From here on, what is known is out of date. */
  invalidate(): void;
  /** Takes in what the matcher committed. False when something before it is missing: nothing is changed then. */
  apply(batch: MarketBatch): boolean;
  /** Tells followers of tickers and candles what changed: to be called a few times a second. */
  tellSums(): void;
  /** The best `limit` levels of each side, 0 for all. */
  view(limit: number): BookView;
  /** The newest trades, newest first. */
  lastTrades(limit: number): readonly PublicTrade[];
  ticker(): PublicTicker;
  followDepth(listener: Listener<DepthEvent>): () => void;
  followTrades(listener: Listener<TradesEvent>): () => void;
  followTicker(listener: Listener<TickerEvent>): () => void;
  followCandles(interval: CandleInterval, listener: Listener<CandlesEvent>): () => void;
}

/** Makes a market's feed, which is not live yet. */
export function createMarketFeed(symbol: string, clock: Clock): MarketFeed {
  const depth = createDepthFeed();
  const trades = createTradesFeed();
  const sums = createTradeSums({ symbol, clock, best: () => bestOf(depth.view(1)) });
  let live = false;

  return {
    get live() {
      return live;
    },
    load({ book, history }) {
      depth.load(book);
      trades.load(book);
      sums.load(history);
      live = true;
      // Only now: a follower that is told may read any of it.
      depth.tellReset();
      trades.tellReset();
      sums.tellReset();
    },
    invalidate() {
      live = false;
    },
    apply({ first_sequence, last_sequence, changes, trades: added }) {
      const next = depth.bookSeq + 1;
      if (last_sequence >= first_sequence && first_sequence > next) return false;
      if (!sums.take(added)) return false;
      trades.take(added);
      if (last_sequence >= next) depth.apply(changes, last_sequence);
      return true;
    },
    tellSums() {
      if (live) sums.tell();
    },
    view: (limit) => depth.view(limit),
    lastTrades: (limit) => trades.last(limit),
    ticker: () => sums.ticker(),
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
    followTicker: (listener) => sums.followTicker(listener, live),
    followCandles: (interval, listener) => sums.followCandles(interval, listener, live),
  };
}

const bestOf = ({ bids, asks }: BookView) => ({ bid: bids[0], ask: asks[0] });
