import { candleIntervals, type CandleInterval, candleWidths, type PublicCandle } from '../../domain/trading/candle.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  list: sqlFile('list-candles.sql', import.meta.url),
  history: sqlFile('load-candle-history.sql', import.meta.url),
  unfolded: sqlFile('list-unfolded.sql', import.meta.url),
  fold: sqlFile('fold-candles.sql', import.meta.url),
  bust: sqlFile('bust-trade.sql', import.meta.url),
};

const widths = candleIntervals.map((interval) => candleWidths[interval]);

export interface CandleFilter {
  readonly symbol: string;
  readonly interval: CandleInterval;
  /** From here on; undefined: the newest before `before`. */
  readonly first: Date | undefined;
  readonly before: Date | undefined;
  readonly limit: number;
}

/** A market's candles as of its last committed trade, oldest first; undefined when there is no such market. */
export async function listCandles(db: Db, filter: CandleFilter): Promise<readonly PublicCandle[] | undefined> {
  const { symbol, interval, first = null, before = 'infinity', limit } = filter;
  const values = { symbol, interval, width: candleWidths[interval], first, before, limit };
  const row = await db.oneOrNone<{ candles: readonly PublicCandle[] }>(sql.list, values);
  return row?.candles;
}

/** A market's newest candles at one instant. */
export interface CandleHistory {
  /** The last trade that is in them. */
  readonly tradeSeq: number;
  /** Oldest first. */
  readonly candles: Readonly<Record<CandleInterval, readonly PublicCandle[]>>;
}

/** Reads the newest candles of each interval, so many of each; undefined when there is no such market. */
export async function loadCandleHistory(
  db: Db,
  symbol: string,
  counts: Readonly<Record<CandleInterval, number>>,
): Promise<CandleHistory | undefined> {
  const each = candleIntervals.map((interval) => counts[interval]);
  const values = { symbol, intervals: candleIntervals, widths, counts: each };
  const row = await db.oneOrNone<{ trade_seq: string; candles: CandleHistory['candles'] }>(sql.history, values);
  return row === null ? undefined : { tradeSeq: Number(row.trade_seq), candles: row.candles };
}

/** A market whose candles are behind its trades. */
export interface UnfoldedMarket {
  readonly symbol: string;
  readonly foldedSeq: number;
  readonly lastSeq: number;
  /** No unfolded trade is older. */
  readonly since: Date;
}

/** Every market that has trades to fold, by symbol. */
export async function listUnfolded(db: Db): Promise<readonly UnfoldedMarket[]> {
  const rows = await db.manyOrNone<{ symbol: string; folded_seq: string; last_seq: string; since: Date }>(sql.unfolded);
  return rows.map(({ symbol, folded_seq, last_seq, since }) => ({
    symbol,
    foldedSeq: Number(folded_seq),
    lastSeq: Number(last_seq),
    since,
  }));
}

/**
 * Folds a market's trades after its `foldedSeq`, up to `to`, and moves the progress there: all of it or nothing.
 * Answers how many trades it found, and whether it moved: not when the progress stands elsewhere by now, or when a
 * trade is missing.
 */
export async function foldCandles(
  db: Db,
  { symbol, foldedSeq: from, since }: UnfoldedMarket,
  to: number,
): Promise<{ readonly found: number; readonly moved: boolean }> {
  const values = { symbol, from, to, since, intervals: candleIntervals, widths };
  const { trades, moved } = await db.one<{ trades: string; moved: boolean }>(sql.fold, values);
  return { found: Number(trades), moved };
}

/** Lists a trade as taken back, and makes the candles it was in anew; false when there is no such trade. */
export async function bustTrade(tx: Db, tradeId: string, at: Date): Promise<boolean> {
  const { busted } = await tx.one<{ busted: boolean }>(sql.bust, { tradeId, intervals: candleIntervals, widths, at });
  return busted;
}
