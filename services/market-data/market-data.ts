import type { Redis } from 'ioredis';
import { DomainError } from '../../domain/errors.ts';
import type { CandleInterval, PublicCandle } from '../../domain/trading/candle.ts';
import type { PublicTrade } from '../../domain/trading/feed.ts';
import type { PublicTicker } from '../../domain/trading/ticker.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { type Db, unavailableWhenAway } from '../../storage/db.ts';
import { type CandleFilter, listCandles } from '../../storage/trading/candles.ts';
import { listSymbols } from '../../storage/trading/depth.ts';
import type { BookView } from './depth-feed.ts';
import type { CandlesEvent, DepthEvent, Listener, TickerEvent, TradesEvent } from './events.ts';
import { followMarkets } from './followed-markets.ts';
import { createMarketFeed, type MarketFeed } from './market-feed.ts';
import { loadMarketSnapshot } from './snapshot.ts';

/**
 * What everybody may know of the markets, from memory if it is not said otherwise. Unknown symbols throw
 * MARKET_NOT_FOUND.
 */
export interface MarketDataService {
  /** The best `limit` levels of each side, 0 for all. */
  depth(symbol: string, limit: number): Promise<BookView>;
  /** The newest trades, newest first. */
  trades(symbol: string, limit: number): Promise<readonly PublicTrade[]>;
  ticker(symbol: string): Promise<PublicTicker>;
  /** Of every market, by symbol. */
  tickers(): Promise<readonly PublicTicker[]>;
  /** Oldest first, as of the last committed trade: from PostgreSQL, which has all of them. */
  candles(filter: CandleFilter): Promise<readonly PublicCandle[]>;
  /** A snapshot, then each change; the function it answers ends that. */
  followDepth(symbol: string, listener: Listener<DepthEvent>): () => void;
  followTrades(symbol: string, listener: Listener<TradesEvent>): () => void;
  /** Told a few times a second at most, as is `followCandles`. */
  followTicker(symbol: string, listener: Listener<TickerEvent>): () => void;
  followCandles(symbol: string, interval: CandleInterval, listener: Listener<CandlesEvent>): () => void;
}

export interface MarketDataFeeds extends MarketDataService {
  stop(): Promise<void>;
}

interface Deps {
  readonly db: Db;
  readonly redis: Redis;
  readonly log: Logger;
  readonly clock: Clock;
  /** How often new markets are looked for. */
  readonly marketsEveryMs?: number;
}

/** Starts following every market, and answers from what is known of them. Ends with `stop`. */
export function startMarketData({ db, redis, log, clock, marketsEveryMs = 1_000 }: Deps): MarketDataFeeds {
  const markets = followMarkets({ db, redis, log, clock, marketsEveryMs });

  /** For readers who cannot wait until the feed is live (again): one snapshot for them alone. */
  async function current(symbol: string): Promise<MarketFeed> {
    const feed = markets.feedOf(symbol);
    if (feed?.live) return feed;
    const snapshot = (await loadMarketSnapshot(db, symbol).catch(unavailableWhenAway)) ?? unknownMarket();
    const once = createMarketFeed(symbol, clock);
    once.load(snapshot);
    return once;
  }

  const followed = (symbol: string): MarketFeed => markets.feedOf(symbol) ?? unknownMarket();

  return {
    depth: async (symbol, limit) => (await current(symbol)).view(limit),
    trades: async (symbol, limit) => (await current(symbol)).lastTrades(limit),
    ticker: async (symbol) => (await current(symbol)).ticker(),
    async tickers() {
      const known = markets.symbols();
      const symbols = known.length > 0 ? known : await listSymbols(db).catch(unavailableWhenAway);
      return Promise.all([...symbols].sort().map(async (symbol) => (await current(symbol)).ticker()));
    },
    candles: async (filter) => (await listCandles(db, filter).catch(unavailableWhenAway)) ?? unknownMarket(),
    followDepth: (symbol, listener) => followed(symbol).followDepth(listener),
    followTrades: (symbol, listener) => followed(symbol).followTrades(listener),
    followTicker: (symbol, listener) => followed(symbol).followTicker(listener),
    followCandles: (symbol, interval, listener) => followed(symbol).followCandles(interval, listener),
    stop: () => markets.stop(),
  };
}

function unknownMarket(): never {
  throw new DomainError('MARKET_NOT_FOUND', 'There is no such market. See GET /markets.');
}
