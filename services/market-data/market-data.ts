import type { Redis } from 'ioredis';
import { DomainError } from '../../domain/errors.ts';
import type { PublicTrade } from '../../domain/trading/feed.ts';
import type { Logger } from '../../platform/log.ts';
import { type Db, unavailableWhenAway } from '../../storage/db.ts';
import { loadBook } from '../../storage/trading/depth.ts';
import type { BookView } from './depth-feed.ts';
import type { DepthEvent, Listener, TradesEvent } from './events.ts';
import { followMarkets } from './followed-markets.ts';
import { createMarketFeed, type MarketFeed } from './market-feed.ts';
import { keptTrades } from './trades-feed.ts';

/** What everybody may know of the markets, from memory. Unknown symbols throw MARKET_NOT_FOUND. */
export interface MarketDataService {
  /** The best `limit` levels of each side, 0 for all. */
  depth(symbol: string, limit: number): Promise<BookView>;
  /** The newest trades, newest first. */
  trades(symbol: string, limit: number): Promise<readonly PublicTrade[]>;
  /** A snapshot, then each change; the function it answers ends that. */
  followDepth(symbol: string, listener: Listener<DepthEvent>): () => void;
  followTrades(symbol: string, listener: Listener<TradesEvent>): () => void;
}

export interface MarketDataFeeds extends MarketDataService {
  stop(): Promise<void>;
}

interface Deps {
  readonly db: Db;
  readonly redis: Redis;
  readonly log: Logger;
  /** How often new markets are looked for. */
  readonly marketsEveryMs?: number;
}

/** Starts following every market, and answers from what is known of them. Ends with `stop`. */
export function startMarketData({ db, redis, log, marketsEveryMs = 2_000 }: Deps): MarketDataFeeds {
  const markets = followMarkets({ db, redis, log, marketsEveryMs });

  /** For readers who cannot wait until the feed is live (again): one snapshot for them alone. */
  async function current(symbol: string): Promise<MarketFeed> {
    const feed = markets.feedOf(symbol);
    if (feed?.live) return feed;
    const snapshot = (await loadBook(db, symbol, keptTrades).catch(unavailableWhenAway)) ?? unknownMarket();
    const once = createMarketFeed();
    once.load(snapshot);
    return once;
  }

  const followed = (symbol: string): MarketFeed => markets.feedOf(symbol) ?? unknownMarket();

  return {
    depth: async (symbol, limit) => (await current(symbol)).view(limit),
    trades: async (symbol, limit) => (await current(symbol)).lastTrades(limit),
    followDepth: (symbol, listener) => followed(symbol).followDepth(listener),
    followTrades: (symbol, listener) => followed(symbol).followTrades(listener),
    stop: () => markets.stop(),
  };
}

function unknownMarket(): never {
  throw new DomainError('MARKET_NOT_FOUND', 'There is no such market. See GET /markets.');
}
