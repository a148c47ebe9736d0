import type { marketOperations } from '../../contract/markets.ts';
import type { Reply } from '../../contract/operation.ts';
import { priceOf } from '../../domain/trading/market.ts';
import type { LiveMarket } from '../../services/trading/markets.ts';

export const presentMarket = ({ market, referenceTicks }: LiveMarket): Reply<typeof marketOperations.market> => ({
  symbol: market.terms.symbol,
  base: market.terms.base,
  quote: market.terms.quote,
  tick_size: market.terms.tickSize,
  lot_size: market.terms.lotSize,
  min_price: market.terms.minPrice,
  max_price: market.terms.maxPrice,
  min_quantity: market.terms.minQuantity,
  max_quantity: market.terms.maxQuantity,
  min_notional: market.terms.minNotional,
  collar_percent: market.terms.collarPercent,
  price_band_percent: market.terms.priceBandPercent,
  maker_fee_bps: market.terms.makerFeeBps,
  taker_fee_bps: market.terms.takerFeeBps,
  reference_price: priceOf(market, referenceTicks),
  status: market.terms.status,
});
