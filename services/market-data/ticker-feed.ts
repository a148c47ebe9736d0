import { type Candle, joinCandles } from '../../domain/trading/candle.ts';
import type { Level } from '../../domain/trading/depth.ts';
import { type PublicTicker, tickerOf, tickerWindowStart } from '../../domain/trading/ticker.ts';
import type { Clock } from '../../platform/clock.ts';
import { createAudience, type FeedEventType, type Listener, type TickerEvent } from './events.ts';

/** One market's ticker, and those who follow it. */
export interface TickerFeed {
  /** As of now. */
  current(): PublicTicker;
  /** The candles were begun anew; followers are told by `tellReset`. */
  reset(): void;
  tellReset(): void;
  /** A trade was taken into the candles, by itself a candle. */
  take(trade: Candle): void;
  /** Tells followers the ticker if it is another than they were told. */
  tell(): void;
  /** A snapshot, then each change; the function it answers ends that. */
  follow(listener: Listener<TickerEvent>, live: boolean): () => void;
}

interface Deps {
  readonly symbol: string;
  readonly clock: Clock;
  /** One-minute candles, oldest first: at least those of the last 24 hours, and the newest. */
  readonly minutes: () => readonly Candle[];
  readonly best: () => { readonly bid: Level | undefined; readonly ask: Level | undefined };
}

/** Makes the ticker of a market, from its candles and its book. */
export function createTickerFeed({ symbol, clock, minutes, best }: Deps): TickerFeed {
  const audience = createAudience<TickerEvent>();
  /** All trades since `windowStart` in one; summed up anew only when the window has moved. */
  let window: Candle | undefined;
  let windowStart: number | undefined;
  let told = '';

  function current(): PublicTicker {
    const start = tickerWindowStart(clock().getTime());
    if (start !== windowStart) {
      windowStart = start;
      window = undefined;
      for (const candle of minutes()) if (candle.start >= start) window = join(window, candle);
    }
    return tickerOf({ symbol, windowStart: start, window, newest: minutes().at(-1), ...best() });
  }

  const event = (type: FeedEventType, data: PublicTicker): TickerEvent => {
    told = JSON.stringify(data);
    return { type, first_sequence: data.last_trade_seq, last_sequence: data.last_trade_seq, data };
  };

  function tell(): void {
    if (audience.size === 0) return;
    const ticker = current();
    if (JSON.stringify(ticker) !== told) audience.tell(event('update', ticker));
  }

  return {
    current,
    reset() {
      windowStart = undefined;
    },
    tellReset: () => audience.tell(event('reset', current())),
    take(trade) {
      if (windowStart !== undefined && trade.start >= windowStart) window = join(window, trade);
    },
    tell,
    follow(listener, live) {
      // Those who are there get the change first: the newcomer's snapshot has it.
      tell();
      if (live) listener(event('snapshot', current()));
      return audience.add(listener);
    },
  };
}

const join = (before: Candle | undefined, candle: Candle): Candle =>
  before === undefined ? candle : joinCandles(before, candle);
