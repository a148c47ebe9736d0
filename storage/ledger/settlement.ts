import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

export interface SettlementProgress {
  /** Every trade up to this trade_seq is posted, or parked. */
  readonly settledSeq: number;
  /** Trades that wait for a person. */
  readonly parked: number;
}

const sql = {
  progress: sqlFile('settled-seq.sql', import.meta.url),
  advance: sqlFile('advance-settlement.sql', import.meta.url),
  parksInARow: sqlFile('parks-in-a-row.sql', import.meta.url),
};

/** How far a market is settled. */
export async function findProgress(db: Db, symbol: string): Promise<SettlementProgress> {
  const row = await db.one<{ settled_seq: string; parked: number }>(sql.progress, { symbol });
  return { settledSeq: Number(row.settled_seq), parked: row.parked };
}

/** Moves a market's progress, locking it; false when it does not stand at `from` any more. */
export async function advanceSettlement(
  tx: Db,
  move: { readonly symbol: string; readonly from: number; readonly to: number },
  at: Date,
): Promise<boolean> {
  return (await tx.oneOrNone(sql.advance, { ...move, at })) !== null;
}

/** How many of the `count` trades up to `seq` are parked. */
export async function countParked(db: Db, symbol: string, seq: number, count: number): Promise<number> {
  const { parked } = await db.one<{ parked: number }>(sql.parksInARow, { symbol, from: seq - count + 1, to: seq });
  return parked;
}
