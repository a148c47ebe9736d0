import type { Redis } from 'ioredis';
import { type MarketEntry, marketStream } from '../../domain/trading/feed.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { startTail } from '../../platform/streams/tail.ts';
import { pause } from '../../platform/wait.ts';
import type { Db } from '../../storage/db.ts';
import { listSymbols } from '../../storage/trading/depth.ts';
import { bustStream, followBusts, marketOfBust } from './busts.ts';
import { createMarketFeed, type MarketFeed } from './market-feed.ts';
import { createResync } from './resync.ts';

/** The markets this process follows. */
export interface FollowedMarkets {
  /** A market's feed, live or not; undefined when no such market is known. */
  feedOf(symbol: string): MarketFeed | undefined;
  /** The markets that are known, in no order. */
  symbols(): readonly string[];
  stop(): Promise<void>;
}

interface Deps {
  readonly db: Db;
  readonly redis: Redis;
  readonly log: Logger;
  readonly clock: Clock;
  /** How often new markets are looked for. */
  readonly marketsEveryMs: number;
}

/** Tickers and candles change with every trade; their followers are told this often. */
const sumsEveryMs = 250;

/**
 * Follows every market's stream, those of markets opened later too. Whatever breaks the sequence (a gap, a matcher's
 * start, a lost connection), or takes a trade out of it, begins that market anew.
 */
export function followMarkets({ db, redis, log, clock, marketsEveryMs }: Deps): FollowedMarkets {
  const feeds = new Map<string, MarketFeed>();
  const byStream = new Map<string, string>();
  const stopping = new AbortController();

  const tail = startTail({
    redis,
    log,
    onEntry: (stream, text) => {
      const symbol = byStream.get(stream);
      if (symbol !== undefined) take(symbol, text);
      // A trade that was taken back counts in no candle any more.
      else if (stream === bustStream) beginAnew(marketOfBust(text, log));
    },
    onInterrupted: () => feeds.forEach((feed, symbol) => resync(symbol, feed)),
  });
  const resync = createResync({ db, log, tail, signal: stopping.signal });

  function beginAnew(symbol: string | undefined): void {
    const feed = symbol === undefined ? undefined : feeds.get(symbol);
    if (symbol !== undefined && feed !== undefined) resync(symbol, feed);
  }

  function take(symbol: string, text: string): void {
    const feed = feeds.get(symbol);
    if (!feed?.live) return;
    try {
      const entry = JSON.parse(text) as MarketEntry;
      if ('reset' in entry || !feed.apply(entry)) resync(symbol, feed);
    } catch (err) {
      log.error({ err, symbol }, 'A market data entry could not be read');
      resync(symbol, feed);
    }
  }

  function follow(symbol: string): void {
    if (feeds.has(symbol)) return;
    const feed = createMarketFeed(symbol, clock);
    feeds.set(symbol, feed);
    byStream.set(marketStream(symbol), symbol);
    resync(symbol, feed);
  }

  async function watchMarkets(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        for (const symbol of await listSymbols(db)) follow(symbol);
      } catch (err) {
        log.warn({ err }, 'Cannot list the markets; trying again');
      }
      await pause(marketsEveryMs, stopping.signal);
    }
  }

  const telling = setInterval(() => {
    for (const feed of feeds.values()) feed.tellSums();
  }, sumsEveryMs);
  // Asked for before any feed is loaded: what is taken back after that is told.
  const watching = Promise.all([followBusts(tail, stopping.signal), watchMarkets()]);
  return {
    feedOf: (symbol) => feeds.get(symbol),
    symbols: () => [...feeds.keys()],
    async stop() {
      stopping.abort();
      clearInterval(telling);
      await tail.stop();
      await watching;
    },
  };
}
