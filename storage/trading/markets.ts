import type { MarketStatus, MarketTerms } from '../../domain/trading/market.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  list: sqlFile('list-markets.sql', import.meta.url),
  add: sqlFile('add-markets.sql', import.meta.url),
  fitsOrders: sqlFile('market-fits-orders.sql', import.meta.url),
  change: sqlFile('change-market.sql', import.meta.url),
};

export interface ListedMarket {
  readonly terms: MarketTerms;
  /** Of these terms; every change makes the next. */
  readonly version: number;
  /** The version that brought its tick and lot. */
  readonly stepsVersion: number;
  /** The version that the market's matcher works by. */
  readonly versionInForce: number;
  /** Undefined before the first trade. */
  readonly lastPrice: string | undefined;
  /** Some matcher holds its lease. */
  readonly isServed: boolean;
}

interface TermsRow {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tick_size: string;
  readonly lot_size: string;
  readonly min_price: string;
  readonly max_price: string;
  readonly min_quantity: string;
  readonly max_quantity: string;
  readonly min_notional: string;
  readonly collar_percent: string;
  readonly price_band_percent: string;
  readonly maker_fee_bps: number;
  readonly taker_fee_bps: number;
  readonly initial_price: string;
  readonly status: MarketStatus;
}

interface MarketRow extends TermsRow {
  readonly version: string;
  readonly steps_version: string;
  readonly version_in_force: string;
  readonly last_price: string | null;
  readonly is_served: boolean;
}

/** Every market, by symbol. */
export async function listMarkets(db: Db): Promise<readonly ListedMarket[]> {
  const rows = await db.manyOrNone<MarketRow>(sql.list);
  return rows.map((row) => ({
    terms: toTerms(row),
    version: Number(row.version),
    stepsVersion: Number(row.steps_version),
    versionInForce: Number(row.version_in_force),
    lastPrice: row.last_price ?? undefined,
    isServed: row.is_served,
  }));
}

/** Adds markets; a known one stays as it is. Their assets must be there. Answers the symbols of those it added. */
export async function addMarkets(db: Db, markets: readonly MarketTerms[], at: Date): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ symbol: string }>(sql.add, { markets: JSON.stringify(markets.map(toRow)), at });
  return rows.map(({ symbol }) => symbol);
}

export interface MarketChange {
  /** UUIDv7. */
  readonly commandId: string;
  /** What the market was read as. */
  readonly version: number;
  /** What it is from then on; its assets are as they were. */
  readonly terms: MarketTerms;
}

/**
 * Changes a market and commits the command that tells its matcher. False, and nothing happens, when the market stands
 * at another version.
 */
export async function changeMarket(db: Db, { commandId, version, terms }: MarketChange, at: Date): Promise<boolean> {
  const values = { commandId, version, market: JSON.stringify(toRow(terms)), at };
  return (await db.oneOrNone(sql.change, values)) !== null;
}

/** Whether every order of a market that is not final is an exact number of the ticks × lots of new terms. */
export async function fitsOrders(db: Db, { symbol, tickSize, lotSize, maxPrice }: MarketTerms): Promise<boolean> {
  return (await db.one<{ fits: boolean }>(sql.fitsOrders, { symbol, tickSize, lotSize, maxPrice })).fits;
}

const toTerms = (row: TermsRow): MarketTerms => ({
  symbol: row.symbol,
  base: row.base,
  quote: row.quote,
  tickSize: row.tick_size,
  lotSize: row.lot_size,
  minPrice: row.min_price,
  maxPrice: row.max_price,
  minQuantity: row.min_quantity,
  maxQuantity: row.max_quantity,
  minNotional: row.min_notional,
  collarPercent: row.collar_percent,
  priceBandPercent: row.price_band_percent,
  makerFeeBps: row.maker_fee_bps,
  takerFeeBps: row.taker_fee_bps,
  initialPrice: row.initial_price,
  status: row.status,
});

const toRow = (terms: MarketTerms): TermsRow => ({
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
  initial_price: terms.initialPrice,
  status: terms.status,
});
