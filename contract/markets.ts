import { z } from 'zod';
import { marketStatuses } from '../domain/trading/market.ts';
import { AssetCode, Decimal, MarketSymbol, page, SymbolInPath } from './common.ts';
import { operation } from './operation.ts';

/** What orders are held against. */
export const marketLimits = {
  tick_size: Decimal,
  lot_size: Decimal,
  min_price: Decimal,
  max_price: Decimal,
  min_quantity: Decimal,
  max_quantity: Decimal,
  min_notional: Decimal,
  collar_percent: Decimal.meta({ description: 'How far from the reference price market orders may trade' }),
  price_band_percent: Decimal.meta({ description: 'How far from the reference price limit orders may be priced' }),
};

export const Market = z
  .object({
    symbol: MarketSymbol,
    base: AssetCode,
    quote: AssetCode,
    ...marketLimits,
    maker_fee_bps: z.number().int(),
    taker_fee_bps: z.number().int(),
    reference_price: Decimal.meta({ description: 'The last trade, or the initial price before the first' }),
    status: z.enum(marketStatuses),
  })
  .meta({ id: 'Market' });

export const marketOperations = {
  markets: operation({
    method: 'GET',
    path: '/markets',
    tag: 'markets',
    summary: 'Every market and its rules',
    access: 'none',
    status: 200,
    reply: page(Market),
  }),
  market: operation({
    method: 'GET',
    path: '/markets/{symbol}',
    tag: 'markets',
    summary: 'One market and its rules',
    access: 'none',
    params: z.object({ symbol: SymbolInPath }),
    status: 200,
    reply: Market,
    refusals: ['MARKET_NOT_FOUND'],
  }),
};
