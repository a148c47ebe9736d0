import type { marketDataOperations } from '../../../contract/market-data.ts';
import { type CandleInterval, candleWidths, nextStretchStart } from '../../../domain/trading/candle.ts';
import type { MarketDataService } from '../../../services/market-data/market-data.ts';
import type { Readers } from '../../answer.ts';
import { presentCandles, presentDepth } from '../../present/market-data.ts';
import { slashed } from '../../../domain/trading/symbol.ts';

/** Books, trades, tickers and candles, for everybody. */
export const createMarketDataHandlers = (
  marketData: Pick<MarketDataService, 'depth' | 'trades' | 'ticker' | 'tickers' | 'candles'>,
): Readers<typeof marketDataOperations> => ({
  async getDepth({ params, query }) {
    const symbol = slashed(params.symbol);
    return presentDepth(symbol, await marketData.depth(symbol, query.limit));
  },
  async listMarketTrades({ params, query }) {
    const items = await marketData.trades(slashed(params.symbol), query.limit);
    return { items: [...items], next_cursor: null };
  },
  getTicker: ({ params }) => marketData.ticker(slashed(params.symbol)),
  listTickers: async () => ({ items: [...(await marketData.tickers())], next_cursor: null }),
  async listCandles({ params, query: { interval, start, end, limit, cursor } }) {
    const bounds = { first: toStart(cursor ?? start, interval), before: toStart(end, interval) };
    const candles = await marketData.candles({ symbol: slashed(params.symbol), interval, ...bounds, limit });
    return presentCandles(candles, interval, { ...bounds, limit });
  },
});

/** Candles start at whole intervals only: the first that does so at this time or later. */
const toStart = (text: string | undefined, interval: CandleInterval): Date | undefined =>
  text === undefined ? undefined : new Date(nextStretchStart(Date.parse(text), candleWidths[interval]));
