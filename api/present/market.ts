import type { adminMarketOperations } from '../../contract/admin-markets.ts';
import type { marketOperations } from '../../contract/markets.ts';
import type { Reply } from '../../contract/operation.ts';
import { type MarketTerms, priceOf } from '../../domain/trading/market.ts';
import type { MarketDesk } from '../../services/trading/market-desk.ts';
import type { LiveMarket } from '../../services/trading/markets.ts';

export const presentMarket = ({ market, referenceTicks }: LiveMarket): Reply<typeof marketOperations.market> => ({
  ...presentTerms(market.terms),
  reference_price: priceOf(market, referenceTicks),
});

type Listed = Awaited<ReturnType<MarketDesk['list']>>[number];

/** A market as administrators see it. */
export const presentAdminMarket = ({
  terms,
  lastPrice,
  version,
  versionInForce,
  isServed,
}: Listed): Reply<typeof adminMarketOperations.openMarket> => ({
  ...presentTerms(terms),
  reference_price: lastPrice ?? terms.initialPrice,
  initial_price: terms.initialPrice,
  version,
  version_in_force: versionInForce,
  is_served: isServed,
});

const presentTerms = (terms: MarketTerms) => ({
  symbol: terms.symbol,
  base: terms.base,
  quote: terms.quote,
  tick_size: terms.tickSize,
  lot_size: terms.lotSize,
  min_price: terms.minPrice,
  max_price: terms.maxPrice,
  min_quantity: terms.minQuantity,
  max_quantity: terms.maxQuantity,
  min_notional: terms.minNotional,
  collar_percent: terms.collarPercent,
  price_band_percent: terms.priceBandPercent,
  maker_fee_bps: terms.makerFeeBps,
  taker_fee_bps: terms.takerFeeBps,
  status: terms.status,
});
