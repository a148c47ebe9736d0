import type { MarketTerms } from '../../../domain/trading/market.ts';

/** A market of BTC (8 decimals) in USDT (6). */
export const goodTerms: MarketTerms = {
  symbol: 'BTC/USDT',
  base: 'BTC',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  minPrice: '0.01',
  maxPrice: '1000000',
  minQuantity: '0.0001',
  maxQuantity: '1000',
  minNotional: '1',
  collarPercent: '5',
  priceBandPercent: '50',
  makerFeeBps: 10,
  takerFeeBps: 20,
  initialPrice: '50000',
  status: 'ACTIVE',
};

/** What is wrong, how the terms differ from good ones, and the fields at fault. */
export const badTerms: readonly (readonly [what: string, change: Partial<MarketTerms>, ...fields: string[]])[] = [
  ['another name', { symbol: 'BTC/USD' }, 'symbol'],
  ['an asset for itself', { quote: 'BTC', symbol: 'BTC/BTC' }, 'quote'],
  ['a tick of nothing', { tickSize: '0' }, 'tick_size'],
  ['a lot of nothing', { lotSize: '0' }, 'lot_size'],
  ['a least price between ticks', { minPrice: '0.015' }, 'min_price'],
  ['a least price of nothing', { minPrice: '0' }, 'min_price'],
  ['a highest price between ticks', { maxPrice: '1000000.005' }, 'max_price'],
  ['a highest price below the least', { minPrice: '60000', maxPrice: '40000' }, 'max_price', 'initial_price'],
  ['an initial price between ticks', { initialPrice: '50000.005' }, 'initial_price'],
  ['an initial price out of limits', { initialPrice: '1000000.01' }, 'initial_price'],
  ['a least quantity between lots', { minQuantity: '0.00015' }, 'min_quantity'],
  ['a least quantity of nothing', { minQuantity: '0' }, 'min_quantity'],
  ['a largest quantity between lots', { maxQuantity: '1000.00001' }, 'max_quantity'],
  ['a largest quantity below the least', { minQuantity: '2', maxQuantity: '1' }, 'max_quantity'],
  ['an order worth 2^53 ticks × lots', { maxQuantity: '9007200' }, 'max_quantity'],
  ['a collar of nothing', { collarPercent: '0' }, 'collar_percent'],
  ['a collar of everything', { collarPercent: '100', priceBandPercent: '100' }, 'collar_percent', 'price_band_percent'],
  ['a band within the collar', { collarPercent: '20', priceBandPercent: '10' }, 'price_band_percent'],
  ['a fee below nothing', { makerFeeBps: -1 }, 'maker_fee_bps'],
  ['a fee of more than a tenth', { takerFeeBps: 1_001 }, 'taker_fee_bps'],
  ['more digits than a number has', { minNotional: '1'.repeat(21) }, 'min_notional'],
];
