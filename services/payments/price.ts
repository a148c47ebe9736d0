import { formatDecimal } from '../../domain/money.ts';
import type { MarketBook } from '../trading/markets.ts';

/**
 * What one unit of an asset is worth in the quote asset: the last price of its market, before any trade the initial
 * one. Undefined when there is no such market.
 */
export const createPriceOf =
  (markets: Pick<MarketBook, 'list'>, quote: string) =>
  async (asset: string): Promise<string | undefined> => {
    if (asset === quote) return '1';
    const found = (await markets.list()).find(({ market: { terms } }) => terms.base === asset && terms.quote === quote);
    if (found === undefined) return undefined;
    const { market, referenceTicks } = found;
    return formatDecimal(BigInt(referenceTicks) * market.tick, market.scales.quote);
  };
