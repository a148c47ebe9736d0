import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

const sql = {
  journalAfter: sqlFile('matching-journal-after.sql', import.meta.url),
  loadCursor: sqlFile('matching-load-cursor.sql', import.meta.url),
  saveCursor: sqlFile('matching-save-cursor.sql', import.meta.url),
};

/** One committed batch of one market. */
export interface JournalRow {
  readonly batch: number;
  readonly batchTime: Date;
  readonly engineVersion: number;
  readonly inputs: unknown;
  readonly events: unknown;
}

interface RawRow {
  readonly batch: string;
  readonly batch_time: Date;
  readonly engine_version: number;
  readonly inputs: unknown;
  readonly events: unknown;
}

/** A market's batches after `batch`, in order, at most `limit`. */
export async function readJournal(
  db: Db,
  symbol: string,
  batch: number,
  limit: number,
): Promise<readonly JournalRow[]> {
  const rows = await db.manyOrNone<RawRow>(sql.journalAfter, { symbol, batch, limit });
  return rows.map((row) => ({
    batch: Number(row.batch),
    batchTime: row.batch_time,
    engineVersion: row.engine_version,
    inputs: row.inputs,
    events: row.events,
  }));
}

/** The last batch of a market that is known to be published; 0 at first. */
export async function loadPublishCursor(db: Db, symbol: string): Promise<number> {
  const row = await db.oneOrNone<{ batch: string }>(sql.loadCursor, { symbol });
  return Number(row?.batch ?? 0);
}

/** Remembers that everything up to `batch` is published. Never goes back. */
export async function savePublishCursor(db: Db, symbol: string, batch: number): Promise<void> {
  await db.none(sql.saveCursor, { symbol, batch });
}
