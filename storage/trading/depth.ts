import type { LevelChange, PublicTrade } from '../../domain/trading/feed.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** A market's book and last trades at one instant. */
export interface BookSnapshot {
  readonly bookSeq: number;
  readonly tradeSeq: number;
  /** Every level that has a quantity, in no order. */
  readonly levels: readonly LevelChange[];
  /** Oldest first. */
  readonly trades: readonly PublicTrade[];
}

const sql = {
  depth: sqlFile('depth.sql', import.meta.url),
  listSymbols: sqlFile('list-symbols.sql', import.meta.url),
};

interface Row {
  readonly book_seq: string;
  readonly trade_seq: string;
  readonly levels: readonly LevelChange[];
  readonly trades: readonly PublicTrade[];
}

/** Reads a book with its last `trades` trades, in one statement; undefined when there is no such market. */
export async function loadBook(db: Db, symbol: string, trades: number): Promise<BookSnapshot | undefined> {
  const row = await db.oneOrNone<Row>(sql.depth, { symbol, trades });
  if (row === null) return undefined;
  const { book_seq, trade_seq, levels } = row;
  return { bookSeq: Number(book_seq), tradeSeq: Number(trade_seq), levels, trades: row.trades };
}

/** The symbols of all markets that have a book. */
export async function listSymbols(db: Db): Promise<readonly string[]> {
  return (await db.manyOrNone<{ symbol: string }>(sql.listSymbols)).map(({ symbol }) => symbol);
}
