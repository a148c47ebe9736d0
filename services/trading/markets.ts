import { DomainError } from '../../domain/errors.ts';
import { divide, parseDecimal } from '../../domain/money.ts';
import { type Market, readMarket } from '../../domain/trading/market.ts';
import { type Database, unavailableWhenAway } from '../../storage/db.ts';
import { type ListedMarket, listMarkets } from '../../storage/trading/markets.ts';
import type { AssetBook } from '../ledger/assets.ts';
import { createFresh } from './fresh.ts';

/** A market as it is now, at most a second old. */
export interface LiveMarket {
  readonly market: Market;
  /** The last trade's price, or the initial one, in ticks. */
  readonly referenceTicks: number;
  /** A matcher works on it. */
  readonly isServed: boolean;
}

export interface MarketBook {
  /** Throws MARKET_NOT_FOUND, or UNAVAILABLE when it cannot be told. */
  find(symbol: string): Promise<LiveMarket>;
  list(): Promise<readonly LiveMarket[]>;
}

export interface MarketBookDeps {
  readonly db: Database;
  readonly assets: AssetBook;
  readonly monotonicMs: () => number;
}

/** Every process's view of the markets: their rules, reference prices and whether they are served. */
export function createMarketBook({ db, assets, monotonicMs }: MarketBookDeps): MarketBook {
  const current = createFresh({
    ageMs: 500,
    monotonicMs,
    load: async () => {
      const listed = await Promise.all((await listMarkets(db)).map((each) => toLive(each, assets)));
      return new Map(listed.map((live) => [live.market.terms.symbol, live]));
    },
  });
  const markets = () => current().catch(unavailableWhenAway);
  return {
    async find(symbol) {
      const found = (await markets()).get(symbol);
      if (found !== undefined) return found;
      throw new DomainError('MARKET_NOT_FOUND', 'There is no such market. GET /markets lists them.', { symbol });
    },
    list: async () => [...(await markets()).values()],
  };
}

async function toLive(
  { terms, stepsVersion, lastPrice, isServed }: ListedMarket,
  assets: AssetBook,
): Promise<LiveMarket> {
  const scales = { base: await assets.scaleOf(terms.base), quote: await assets.scaleOf(terms.quote) };
  const market = readMarket(terms, scales, stepsVersion);
  const reference = parseDecimal(lastPrice ?? terms.initialPrice, scales.quote);
  return { market, referenceTicks: Number(divide(reference, market.tick, 'down')), isServed };
}
