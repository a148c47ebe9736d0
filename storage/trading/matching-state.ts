import type { PlacedOrder } from '../../domain/trading/command.ts';
import type { MarketLimits } from '../../domain/trading/market.ts';
import type { Db } from '../db.ts';
import type { Steps } from '../../domain/trading/steps.ts';
import { sqlFile } from '../sql.ts';
import { type PlacedRow, readPlacedOrder } from './matching-lookups.ts';

const sql = {
  market: sqlFile('matching-load-market.sql', import.meta.url),
  steps: sqlFile('matching-steps.sql', import.meta.url),
  firstLimits: sqlFile('matching-first-limits.sql', import.meta.url),
  openOrders: sqlFile('matching-open-orders.sql', import.meta.url),
  positions: sqlFile('matching-positions.sql', import.meta.url),
  cancelAlls: sqlFile('matching-cancel-alls.sql', import.meta.url),
};

/** A market as its last commit left it. */
export interface StoredMarket extends MarketLimits {
  readonly epoch: number;
  readonly batch: number;
  /** Milliseconds; 0 before the first batch. */
  readonly batchTime: number;
  readonly bookSeq: number;
  readonly tradeSeq: number;
  readonly stopSeq: number;
  readonly streamId: string;
  /** Of the market's rules, which are those that the matcher last took in. */
  readonly version: number;
  /** Null before the first batch. */
  readonly hash: string | null;
  readonly base: string;
  readonly quote: string;
  readonly lastTicks: number;
}

export interface OpenOrder extends PlacedOrder {
  readonly prioritySeq: number;
  readonly executedLots: number;
  /** Ticks × lots. */
  readonly executedQuote: number;
  readonly preventedLots: number;
}

/** A stop whose price has not come. */
export interface WaitingStop extends PlacedOrder {
  readonly stopSeq: number;
}

interface MarketRow extends LimitsRow {
  readonly epoch: string;
  readonly batch: string;
  readonly batch_time: Date;
  readonly book_seq: string;
  readonly trade_seq: string;
  readonly stop_seq: string;
  readonly last_stream_id: string;
  readonly version: string;
  readonly state_hash: string | null;
  readonly base: string;
  readonly quote: string;
  readonly last_ticks: string;
}

interface LimitsRow {
  readonly status: StoredMarket['status'];
  readonly min_ticks: string;
  readonly max_ticks: string;
  readonly min_lots: string;
  readonly max_lots: string;
}

/** Where a market stands. Rejects when there is none of that symbol. */
export async function loadStoredMarket(db: Db, symbol: string): Promise<StoredMarket> {
  const row = await db.one<MarketRow>(sql.market, { symbol });
  return {
    epoch: Number(row.epoch),
    batch: Number(row.batch),
    batchTime: row.batch_time.getTime(),
    bookSeq: Number(row.book_seq),
    tradeSeq: Number(row.trade_seq),
    stopSeq: Number(row.stop_seq),
    streamId: row.last_stream_id,
    version: Number(row.version),
    hash: row.state_hash,
    base: row.base,
    quote: row.quote,
    lastTicks: Number(row.last_ticks),
    ...readLimits(row),
  };
}

/** All ticks and lots that a market has had up to a version of its rules, the latest last. */
export async function loadSteps(db: Db, symbol: string, version: number): Promise<readonly Steps[]> {
  const rows = await db.many<{ steps_version: string; tick_size: string; lot_size: string }>(sql.steps, {
    symbol,
    version,
  });
  return rows.map((row) => ({
    version: Number(row.steps_version),
    tickSize: row.tick_size,
    lotSize: row.lot_size,
  }));
}

/** The limits a market was opened with. Rejects when there is none of that symbol. */
export const loadFirstLimits = async (db: Db, symbol: string): Promise<MarketLimits> =>
  readLimits(await db.one<LimitsRow>(sql.firstLimits, { symbol }));

const readLimits = (row: LimitsRow): MarketLimits => ({
  status: row.status,
  minTicks: Number(row.min_ticks),
  maxTicks: Number(row.max_ticks),
  minLots: Number(row.min_lots),
  maxLots: Number(row.max_lots),
});

interface OpenRow extends PlacedRow {
  readonly priority_seq: string | null;
  readonly stop_seq: string | null;
  readonly executed_lots: string;
  readonly executed_quote: string;
  readonly prevented_lots: string;
}

/** The orders of a market's book by their place in line, and the stops that wait in the order they came. */
export async function loadOpenOrders(
  db: Db,
  symbol: string,
): Promise<{ readonly orders: readonly OpenOrder[]; readonly stops: readonly WaitingStop[] }> {
  const rows = await db.manyOrNone<OpenRow>(sql.openOrders, { symbol });
  const orders: OpenOrder[] = [];
  const stops: WaitingStop[] = [];
  for (const row of rows) {
    const order = readPlacedOrder(row);
    if (row.priority_seq === null) stops.push({ ...order, stopSeq: Number(row.stop_seq) });
    else {
      orders.push({
        ...order,
        prioritySeq: Number(row.priority_seq),
        executedLots: Number(row.executed_lots),
        executedQuote: Number(row.executed_quote),
        preventedLots: Number(row.prevented_lots),
      });
    }
  }
  return { orders, stops };
}

/** By user, the time (milliseconds) of the last cancel-all of a market after `since` that was taken in. */
export async function loadCancelAlls(db: Db, symbol: string, since: Date): Promise<ReadonlyMap<string, number>> {
  const rows = await db.manyOrNone<{ user_id: string; created_at: Date }>(sql.cancelAlls, { symbol, since });
  return new Map(rows.map((row) => [row.user_id, row.created_at.getTime()]));
}

/** The epoch and last batch of markets. */
export async function readPositions(
  db: Db,
  symbols: readonly string[],
): Promise<ReadonlyMap<string, { readonly epoch: number; readonly batch: number }>> {
  const rows = await db.manyOrNone<{ symbol: string; epoch: string; batch: string }>(sql.positions, { symbols });
  return new Map(rows.map((row) => [row.symbol, { epoch: Number(row.epoch), batch: Number(row.batch) }]));
}
