import type { marketOperations } from '../../../contract/markets.ts';
import type { TradingService } from '../../../services/trading/trading.ts';
import { presentMarket } from '../../present/market.ts';
import type { Handlers } from '../door.ts';
import { slashed } from '../../../domain/trading/symbol.ts';

/** The markets and their rules. */
export const createMarketHandlers = ({ markets }: TradingService): Handlers<typeof marketOperations> => ({
  markets: async () => ({ items: (await markets.list()).map(presentMarket), next_cursor: null }),
  market: async ({ params }) => presentMarket(await markets.find(slashed(params.symbol))),
});
