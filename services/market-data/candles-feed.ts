import { invariant } from '../../domain/errors.ts';
import {
  type Candle,
  type CandleInterval,
  candleWidths,
  joinCandles,
  type PublicCandle,
  readCandle,
  stretchStart,
  writeCandle,
} from '../../domain/trading/candle.ts';
import { type CandlesEvent, createAudience, type FeedEventType, type Listener } from './events.ts';

/** One market's newest candles of one interval, and those who follow them. */
export interface CandlesFeed {
  /** The newest ones, oldest first. */
  readonly candles: readonly Candle[];
  /** Begins anew, as of a trade; followers are told by `tellReset`. */
  load(candles: readonly PublicCandle[], tradeSeq: number): void;
  tellReset(): void;
  /** Takes in the next trade, by itself a candle. Throws when it is of a stretch that was over before. */
  take(trade: Candle): void;
  /** Tells followers the candles that changed since they were told. */
  tell(): void;
  /** A snapshot, then each change; the function it answers ends that. */
  follow(listener: Listener<CandlesEvent>, live: boolean): () => void;
}

export const candlesInSnapshot = 100;

/** Makes a feed that knows of no candle and keeps the newest `kept`. */
export function createCandlesFeed(interval: CandleInterval, kept: number): CandlesFeed {
  const audience = createAudience<CandlesEvent>();
  const width = candleWidths[interval];
  let candles: Candle[] = [];
  let tradeSeq = 0;
  /** The last trade that followers know of. */
  let toldSeq = 0;

  function newest(type: FeedEventType): CandlesEvent {
    const data = candles.slice(-candlesInSnapshot).map(writeCandle);
    return { type, first_sequence: tradeSeq, last_sequence: tradeSeq, data };
  }

  function tell(): void {
    if (toldSeq === tradeSeq) return;
    if (audience.size > 0) {
      const changed = candles.slice(firstChanged());
      const data = changed.map(writeCandle);
      audience.tell({ type: 'update', first_sequence: toldSeq + 1, last_sequence: tradeSeq, data });
    }
    toldSeq = tradeSeq;
  }

  /** Trades come in order, so that those that changed are the last ones. */
  function firstChanged(): number {
    let index = candles.length;
    while (index > 0 && (candles[index - 1]?.lastSeq ?? 0) > toldSeq) index -= 1;
    return index;
  }

  function push(candle: Candle): void {
    if (candles.length >= kept) {
      // More than are kept may change between two tellings: one that goes is told first.
      if ((candles[0]?.lastSeq ?? 0) > toldSeq) tell();
      candles.shift();
    }
    candles.push(candle);
  }

  return {
    get candles() {
      return candles;
    },
    load(loaded, seq) {
      candles = loaded.map(readCandle);
      tradeSeq = seq;
      toldSeq = seq;
    },
    tellReset: () => audience.tell(newest('reset')),
    take(trade) {
      const start = stretchStart(trade.start, width);
      const last = candles.at(-1);
      invariant(last === undefined || start >= last.start, 'a market’s trades never run back');
      if (last?.start === start) candles[candles.length - 1] = joinCandles(last, trade);
      else push({ ...trade, start });
      tradeSeq = trade.lastSeq;
    },
    tell,
    follow(listener, live) {
      // Those who are there get the changes first: the newcomer's snapshot has them.
      tell();
      if (live) listener(newest('snapshot'));
      return audience.add(listener);
    },
  };
}
