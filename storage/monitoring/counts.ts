import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  lockProgress: sqlFile('lock-progress.sql', import.meta.url),
  setProgress: sqlFile('set-progress.sql', import.meta.url),
  addCounts: sqlFile('add-counts.sql', import.meta.url),
};

/** How far a market's trades are counted: the trade_seq of the last one. Locked until the transaction ends. */
export async function lockCounted(tx: Db, symbol: string): Promise<number> {
  return Number((await tx.one<{ trade_seq: string }>(sql.lockProgress, { symbol })).trade_seq);
}

export async function setCounted(tx: Db, symbol: string, tradeSeq: number): Promise<void> {
  await tx.none(sql.setProgress, { symbol, tradeSeq });
}

export interface Counted {
  readonly type: string;
  /** Empty for what belongs to no market. */
  readonly symbol: string;
  /** How many more there are, by day (YYYY-MM-DD, UTC). */
  readonly byDay: ReadonlyMap<string, number>;
}

/** Adds to the counts of some days. */
export async function addCounts(tx: Db, { type, symbol, byDay }: Counted): Promise<void> {
  await tx.none(sql.addCounts, { type, symbol, days: [...byDay.keys()], events: [...byDay.values()] });
}
