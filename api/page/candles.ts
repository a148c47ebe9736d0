import { type CandleInterval, candleWidths } from '../../domain/trading/candle.ts';
import type { Candle } from './types.ts';

/** A candle as charts draw it: `time` in seconds. For the eye only, so that floats do. */
export interface Bar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The candles of a market by their start, oldest first, those that come later replacing those before. */
export interface Candles {
  take(candles: readonly Candle[]): void;
  clear(): void;
  list(): readonly Candle[];
}

/** Makes an empty list of candles. */
export function createCandles(): Candles {
  let byStart = new Map<string, Candle>();
  return {
    take(candles) {
      for (const candle of candles) byStart.set(candle.start, candle);
    },
    clear() {
      byStart = new Map();
    },
    list: () => [...byStart.values()].sort((one, other) => (one.start < other.start ? -1 : 1)),
  };
}

/**
 * The newest `most` bars of candles given oldest first. Intervals without a trade, which have no candle, repeat the
 * last close.
 */
export function toBars(candles: readonly Candle[], interval: CandleInterval, most: number): readonly Bar[] {
  const seconds = candleWidths[interval] / 1000;
  const end = timeOf(candles.at(-1));
  const begin = end - (most - 1) * seconds;
  const bars: Bar[] = [];
  for (const candle of candles) {
    const bar = barOf(candle);
    const last = bars.at(-1);
    if (last !== undefined) {
      const first = Math.max(last.time + seconds, begin);
      for (let time = first; time < bar.time; time += seconds) bars.push(quiet(time, last.close));
    }
    bars.push(bar);
  }
  return bars.slice(-most);
}

const timeOf = (candle: Candle | undefined): number => (candle === undefined ? 0 : Date.parse(candle.start) / 1000);

const barOf = (candle: Candle): Bar => ({
  time: timeOf(candle),
  open: Number(candle.open),
  high: Number(candle.high),
  low: Number(candle.low),
  close: Number(candle.close),
  volume: Number(candle.volume),
});

const quiet = (time: number, price: number): Bar => ({
  time,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: 0,
});
