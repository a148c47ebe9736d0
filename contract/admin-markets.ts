import { z } from 'zod';
import { marketStatuses } from '../domain/trading/market.ts';
import { AssetCode, Decimal, line, MarketSymbol, page, SymbolInPath } from './common.ts';
import { Market, marketLimits } from './markets.ts';
import { operation } from './operation.ts';

const Asset = z
  .strictObject({
    asset: z.string().regex(/^[A-Z0-9]{2,10}$/, 'Write the asset in 2 to 10 capitals and digits, such as BTC.'),
    scale: z.int().min(0).max(18).meta({ description: 'Decimals that count; never to be changed' }),
    name: line(1, 100),
  })
  .meta({ id: 'Asset' });

const BasisPoints = z.int().min(0).max(1_000);

/** What of a market can be changed, or is refused to be with a reason. */
const Rules = z.strictObject({
  ...marketLimits,
  maker_fee_bps: BasisPoints.meta({ description: 'Of orders placed from then on' }),
  taker_fee_bps: BasisPoints.meta({ description: 'Of orders placed from then on' }),
  initial_price: Decimal.meta({ description: 'The reference price until the first trade' }),
  status: z.enum(marketStatuses),
});

/** A market as administrators see it. */
const AdminMarket = Market.extend({
  initial_price: Decimal,
  version: z.int().meta({ description: 'Of these rules: a change says which version it is about' }),
  version_in_force: z.int().meta({ description: 'The version that the matcher works by' }),
  is_served: z.boolean().meta({ description: 'A matcher works on it' }),
}).meta({ id: 'AdminMarket' });

/** Assets and markets, for administrators. */
export const adminMarketOperations = {
  addAsset: operation({
    method: 'POST',
    path: '/admin/assets',
    tag: 'admin',
    summary: 'Add an asset',
    access: 'admin',
    idempotency: 'required',
    body: Asset,
    status: 201,
    reply: Asset,
    refusals: ['ASSET_EXISTS'],
  }),
  adminMarkets: operation({
    method: 'GET',
    path: '/admin/markets',
    tag: 'admin',
    summary: 'Every market, with the versions of its rules',
    access: 'admin',
    status: 200,
    reply: page(AdminMarket),
  }),
  openMarket: operation({
    method: 'POST',
    path: '/admin/markets',
    tag: 'admin',
    summary: 'Open a market: orders are taken within two seconds',
    access: 'admin',
    idempotency: 'required',
    body: Rules.extend({ symbol: MarketSymbol, base: AssetCode, quote: AssetCode }),
    status: 201,
    reply: AdminMarket,
    refusals: ['MARKET_EXISTS'],
  }),
  changeMarket: operation({
    method: 'PATCH',
    path: '/admin/markets/{symbol}',
    tag: 'admin',
    summary: 'Change or halt a market: 200 once its matcher works by it, 202 while that is still on its way',
    access: 'admin',
    idempotency: 'required',
    params: z.strictObject({ symbol: SymbolInPath }),
    body: Rules.partial().extend({ version: z.int().min(1) }),
    status: 200,
    reply: AdminMarket,
    maybeLater: true,
    refusals: ['MARKET_NOT_FOUND', 'MARKET_CHANGED', 'MARKET_DELISTED', 'MARKET_STEP_FIXED', 'MARKET_RESCALING'],
  }),
};
