import type { marketDataOperations } from '../../../contract/market-data.ts';
import type { MarketDataService } from '../../../services/market-data/market-data.ts';
import type { Readers } from '../../answer.ts';
import { presentDepth } from '../../present/market-data.ts';

/** Books and trades, for everybody. */
export const createMarketDataHandlers = (
  marketData: Pick<MarketDataService, 'depth' | 'trades'>,
): Readers<typeof marketDataOperations> => ({
  async getDepth({ params, query }) {
    const symbol = params.symbol.replace('-', '/');
    return presentDepth(symbol, await marketData.depth(symbol, query.limit));
  },
  async listMarketTrades({ params, query }) {
    const items = await marketData.trades(params.symbol.replace('-', '/'), query.limit);
    return { items: [...items], next_cursor: null };
  },
});
