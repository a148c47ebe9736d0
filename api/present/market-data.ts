import type { marketDataOperations } from '../../contract/market-data.ts';
import type { Reply } from '../../contract/operation.ts';
import { type CandleInterval, candleWidths, type PublicCandle } from '../../domain/trading/candle.ts';
import type { Level } from '../../domain/trading/depth.ts';
import type { BookView } from '../../services/market-data/depth-feed.ts';

export const presentDepth = (
  symbol: string,
  { bookSeq, bids, asks }: BookView,
): Reply<typeof marketDataOperations.getDepth> => ({
  symbol,
  book_seq: bookSeq,
  bids: bids.map(pair),
  asks: asks.map(pair),
});

const pair = ({ price, quantity }: Level): [string, string] => [price, quantity];

interface Page {
  readonly first: Date | undefined;
  readonly limit: number;
}

/** A full page that began at a start goes on behind its last candle; the newest candles have nothing behind them. */
export function presentCandles(
  candles: readonly PublicCandle[],
  interval: CandleInterval,
  { first, limit }: Page,
): Reply<typeof marketDataOperations.listCandles> {
  const last = first === undefined || candles.length < limit ? undefined : candles.at(-1);
  const next = last && new Date(Date.parse(last.start) + candleWidths[interval]).toISOString();
  return { items: [...candles], next_cursor: next ?? null };
}
