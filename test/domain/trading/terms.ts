import { type MarketTerms } from '../../../domain/trading/market.ts';

/** A market as tests judge orders by. */
export const terms: MarketTerms = {
  symbol: 'BTC/USDT',
  base: 'BTC',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minPrice: '0.01',
  maxPrice: '1000000',
  minQuantity: '0.001',
  maxQuantity: '1000',
  minNotional: '10',
  collarPercent: '5',
  priceBandPercent: '50',
  makerFeeBps: 8,
  takerFeeBps: 10,
  initialPrice: '50000',
  status: 'ACTIVE',
};
export const scales = { base: 8, quote: 6 };
