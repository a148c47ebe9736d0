import { invariant } from '../errors.ts';
import { type Atoms, formatDecimal, parseDecimal } from '../money.ts';
import type { PublicTrade } from './feed.ts';

/** How long a candle's stretch may be. */
export const candleIntervals = ['1m', '5m', '15m', '1h', '4h', '1d'] as const;
export type CandleInterval = (typeof candleIntervals)[number];

const minute = 60_000;

/** Milliseconds. Each divides a day, so that counted from 1970 they begin with the UTC day. */
export const candleWidths: Readonly<Record<CandleInterval, number>> = {
  '1m': minute,
  '5m': 5 * minute,
  '15m': 15 * minute,
  '1h': 60 * minute,
  '4h': 240 * minute,
  '1d': 1_440 * minute,
};

/** A candle as everybody sees it. */
export interface PublicCandle {
  /** ISO 8601, UTC; the stretch's first instant. */
  readonly start: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  /** In base, and in quote. */
  readonly volume: string;
  readonly quote_volume: string;
  readonly trades: number;
  readonly last_trade_seq: number;
}

/** A candle to count with: amounts in units of the asset, as atoms of `candleScale`. */
export interface Candle {
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly open: Atoms;
  readonly high: Atoms;
  readonly low: Atoms;
  readonly close: Atoms;
  readonly volume: Atoms;
  readonly quoteVolume: Atoms;
  readonly trades: number;
  readonly lastSeq: number;
}

/** More decimals than any price or quantity has. */
export const candleScale = 18;

const read = (text: string): Atoms => parseDecimal(text, candleScale);
const write = (atoms: Atoms): string => formatDecimal(atoms, candleScale);

/** The start of the stretch of `width` ms that an instant lies in; the instant itself when it is one. */
export const stretchStart = (at: number, width: number): number => Math.floor(at / width) * width;

/** The first start of a stretch at or after an instant. */
export const nextStretchStart = (at: number, width: number): number => Math.ceil(at / width) * width;

/** A trade by itself, as a candle that starts with it. */
export function candleOfTrade({ trade_seq, price, quantity, quote_amount, executed_at }: PublicTrade): Candle {
  const at = read(price);
  const amounts = { volume: read(quantity), quoteVolume: read(quote_amount) };
  return {
    start: Date.parse(executed_at),
    open: at,
    high: at,
    low: at,
    close: at,
    ...amounts,
    trades: 1,
    lastSeq: trade_seq,
  };
}

/** Two candles in one, which starts with the earlier: all trades of `later` must have come after those of `earlier`. */
export function joinCandles(earlier: Candle, later: Candle): Candle {
  invariant(later.lastSeq > earlier.lastSeq, 'candles are joined in the order of their trades');
  return {
    start: earlier.start,
    open: earlier.open,
    high: later.high > earlier.high ? later.high : earlier.high,
    low: later.low < earlier.low ? later.low : earlier.low,
    close: later.close,
    volume: earlier.volume + later.volume,
    quoteVolume: earlier.quoteVolume + later.quoteVolume,
    trades: earlier.trades + later.trades,
    lastSeq: later.lastSeq,
  };
}

export const readCandle = (shown: PublicCandle): Candle => ({
  start: Date.parse(shown.start),
  open: read(shown.open),
  high: read(shown.high),
  low: read(shown.low),
  close: read(shown.close),
  volume: read(shown.volume),
  quoteVolume: read(shown.quote_volume),
  trades: shown.trades,
  lastSeq: shown.last_trade_seq,
});

export const writeCandle = (candle: Candle): PublicCandle => ({
  start: new Date(candle.start).toISOString(),
  open: write(candle.open),
  high: write(candle.high),
  low: write(candle.low),
  close: write(candle.close),
  volume: write(candle.volume),
  quote_volume: write(candle.quoteVolume),
  trades: candle.trades,
  last_trade_seq: candle.lastSeq,
});
