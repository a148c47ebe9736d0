import type { Db } from '../../storage/db.ts';
import { loadCandleHistory } from '../../storage/trading/candles.ts';
import { loadBook } from '../../storage/trading/depth.ts';
import type { MarketSnapshot } from './market-feed.ts';
import { keptCandles } from './trade-sums.ts';
import { keptTrades } from './trades-feed.ts';

/** Reads what a market's feed begins with; undefined when there is no such market. */
export async function loadMarketSnapshot(db: Db, symbol: string): Promise<MarketSnapshot | undefined> {
  const [book, history] = await Promise.all([
    loadBook(db, symbol, keptTrades),
    loadCandleHistory(db, symbol, keptCandles),
  ]);
  return book === undefined || history === undefined ? undefined : { book, history };
}
