import type { MarketTerms } from '../../domain/trading/market.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../storage/db.ts';
import { addAssets } from '../../storage/ledger/assets.ts';
import { addMarkets } from '../../storage/trading/markets.ts';

/** Puts the markets the exchange begins with, and their assets, into the database. */
export type Seeding = () => Promise<void>;

const assets = [
  { asset: 'BTC', scale: 8, name: 'Bitcoin' },
  { asset: 'ETH', scale: 18, name: 'Ether' },
  { asset: 'XRP', scale: 6, name: 'XRP' },
  { asset: 'USDT', scale: 6, name: 'Tether' },
];

const common = {
  quote: 'USDT',
  minNotional: '1',
  collarPercent: '5',
  priceBandPercent: '50',
  makerFeeBps: 10,
  takerFeeBps: 10,
  status: 'ACTIVE',
} as const;

/** Limits are such that the value of any order stays below 2^53 ticks × lots. */
export const seedMarkets: readonly MarketTerms[] = [
  {
    ...common,
    symbol: 'BTC/USDT',
    base: 'BTC',
    tickSize: '0.01',
    lotSize: '0.0001',
    minPrice: '0.01',
    maxPrice: '1000000',
    minQuantity: '0.0001',
    maxQuantity: '1000',
    initialPrice: '50000',
  },
  {
    ...common,
    symbol: 'ETH/USDT',
    base: 'ETH',
    tickSize: '0.01',
    lotSize: '0.001',
    minPrice: '0.01',
    maxPrice: '100000',
    minQuantity: '0.001',
    maxQuantity: '10000',
    initialPrice: '3000',
  },
  {
    ...common,
    symbol: 'XRP/USDT',
    base: 'XRP',
    tickSize: '0.0001',
    lotSize: '0.1',
    minPrice: '0.0001',
    maxPrice: '1000',
    minQuantity: '10',
    maxQuantity: '1000000',
    initialPrice: '0.5',
  },
];

interface Deps {
  readonly db: Database;
  readonly clock: Clock;
}

/** Safe to repeat: what is there stays as it is. */
export const createSeeding =
  ({ db, clock }: Deps): Seeding =>
  () =>
    db.tx(async (tx) => {
      await addAssets(tx, assets);
      await addMarkets(tx, seedMarkets, clock());
    });
