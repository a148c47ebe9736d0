import { type Atoms, formatDecimal } from '../money.ts';
import { type Candle, candleScale, candleWidths, stretchStart, writeCandle } from './candle.ts';
import type { Level } from './depth.ts';

/** A market at a glance. Null: there is none (no trade ever; nothing rests on that side). */
export interface PublicTicker {
  readonly symbol: string;
  readonly last_price: string | null;
  /** Of the window's trades; all three the last price when it has none. */
  readonly open: string | null;
  readonly high: string | null;
  readonly low: string | null;
  /** In base, and in quote. */
  readonly volume: string;
  readonly quote_volume: string;
  readonly trades: number;
  /** Last price less open, with a sign; and in percent of open, towards zero. */
  readonly change: string | null;
  readonly change_percent: string | null;
  readonly bid_price: string | null;
  readonly bid_quantity: string | null;
  readonly ask_price: string | null;
  readonly ask_quantity: string | null;
  /** ISO 8601, UTC. */
  readonly window_start: string;
  readonly last_trade_seq: number;
}

const day = candleWidths['1d'];
const percentScale = 4;

/** The window's first instant: 24 hours ago, and up to a minute more so that it begins with a minute. */
export const tickerWindowStart = (now: number): number => stretchStart(now - day, candleWidths['1m']);

/** The one-minute candles that a window can take in: a day's and the one that is not over. */
export const tickerMinutes = day / candleWidths['1m'] + 1;

interface Facts {
  readonly symbol: string;
  /** Milliseconds since 1970. */
  readonly windowStart: number;
  /** All of the window's trades in one; undefined without any. */
  readonly window: Candle | undefined;
  /** The newest candle there is, in the window or before; undefined before the first trade. */
  readonly newest: Candle | undefined;
  readonly bid: Level | undefined;
  readonly ask: Level | undefined;
}

/** What a market's ticker says. */
export function tickerOf({ symbol, windowStart, window, newest, bid, ask }: Facts): PublicTicker {
  return {
    symbol,
    ...pricesOf(window, newest),
    bid_price: bid?.price ?? null,
    bid_quantity: bid?.quantity ?? null,
    ask_price: ask?.price ?? null,
    ask_quantity: ask?.quantity ?? null,
    window_start: new Date(windowStart).toISOString(),
    last_trade_seq: newest?.lastSeq ?? 0,
  };
}

function pricesOf(window: Candle | undefined, newest: Candle | undefined) {
  const quiet = { volume: '0', quote_volume: '0', trades: 0 };
  if (newest === undefined) {
    return { last_price: null, open: null, high: null, low: null, ...quiet, change: null, change_percent: null };
  }
  if (window === undefined) {
    const { close } = writeCandle(newest);
    return { last_price: close, open: close, high: close, low: close, ...quiet, change: '0', change_percent: '0' };
  }
  const { close, open, high, low, volume, quote_volume, trades } = writeCandle(window);
  const change = window.close - window.open;
  const moved = { change: formatDecimal(change, candleScale), change_percent: percent(change, window.open) };
  return { last_price: close, open, high, low, volume, quote_volume, trades, ...moved };
}

/** Division of bigints drops what is behind the last digit: towards zero. */
const percent = (change: Atoms, open: Atoms): string =>
  formatDecimal((change * 100n * 10n ** BigInt(percentScale)) / open, percentScale);
