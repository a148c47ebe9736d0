import { type CandleInterval, candleOfTrade } from '../../domain/trading/candle.ts';
import type { Level } from '../../domain/trading/depth.ts';
import type { PublicTrade } from '../../domain/trading/feed.ts';
import { type PublicTicker, tickerMinutes } from '../../domain/trading/ticker.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CandleHistory } from '../../storage/trading/candles.ts';
import { type CandlesFeed, candlesInSnapshot, createCandlesFeed } from './candles-feed.ts';
import type { CandlesEvent, Listener, TickerEvent } from './events.ts';
import { createTickerFeed } from './ticker-feed.ts';

/** What follows from one market's trades: candles of every interval and the ticker. */
export interface TradeSums {
  /** Begins anew; followers are told by `tellReset`. */
  load(history: CandleHistory): void;
  tellReset(): void;
  /** Takes in those trades that are new. False when one before them is missing: nothing is changed then. */
  take(added: readonly PublicTrade[]): boolean;
  /** Tells followers what changed since they were told. */
  tell(): void;
  ticker(): PublicTicker;
  followTicker(listener: Listener<TickerEvent>, live: boolean): () => void;
  followCandles(interval: CandleInterval, listener: Listener<CandlesEvent>, live: boolean): () => void;
}

interface Deps {
  readonly symbol: string;
  readonly clock: Clock;
  readonly best: () => { readonly bid: Level | undefined; readonly ask: Level | undefined };
}

/** How many candles a feed begins with and keeps: what a snapshot shows, and what the ticker sums up. */
export const keptCandles: Readonly<Record<CandleInterval, number>> = {
  '1m': tickerMinutes,
  '5m': candlesInSnapshot,
  '15m': candlesInSnapshot,
  '1h': candlesInSnapshot,
  '4h': candlesInSnapshot,
  '1d': candlesInSnapshot,
};

/** Makes the sums of a market of which no trade is known. */
export function createTradeSums({ symbol, clock, best }: Deps): TradeSums {
  const candles = createCandlesFeeds();
  const all = Object.entries(candles) as readonly (readonly [CandleInterval, CandlesFeed])[];
  const ticker = createTickerFeed({ symbol, clock, minutes: () => candles['1m'].candles, best });
  let tradeSeq = 0;

  return {
    load(history) {
      ({ tradeSeq } = history);
      for (const [interval, feed] of all) feed.load(history.candles[interval], tradeSeq);
      ticker.reset();
    },
    tellReset() {
      for (const [, feed] of all) feed.tellReset();
      ticker.tellReset();
    },
    take(added) {
      const fresh = added.filter(({ trade_seq }) => trade_seq > tradeSeq);
      if (fresh.some(({ trade_seq }, index) => trade_seq !== tradeSeq + 1 + index)) return false;
      for (const trade of fresh.map(candleOfTrade)) {
        for (const [, feed] of all) feed.take(trade);
        ticker.take(trade);
        tradeSeq = trade.lastSeq;
      }
      return true;
    },
    tell() {
      for (const [, feed] of all) feed.tell();
      ticker.tell();
    },
    ticker: () => ticker.current(),
    followTicker: (listener, live) => ticker.follow(listener, live),
    followCandles: (interval, listener, live) => candles[interval].follow(listener, live),
  };
}

const createCandlesFeeds = (): Readonly<Record<CandleInterval, CandlesFeed>> => ({
  '1m': createCandlesFeed('1m', keptCandles['1m']),
  '5m': createCandlesFeed('5m', keptCandles['5m']),
  '15m': createCandlesFeed('15m', keptCandles['15m']),
  '1h': createCandlesFeed('1h', keptCandles['1h']),
  '4h': createCandlesFeed('4h', keptCandles['4h']),
  '1d': createCandlesFeed('1d', keptCandles['1d']),
});
