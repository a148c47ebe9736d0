import type { RowCounts } from '../../domain/ledger/edits.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** What the checks of the books know of one another. */
export interface CheckState {
  /** The checkpoints sum up the transfers created up to then; undefined: they are to be made. */
  readonly through: Date | undefined;
  readonly counts: RowCounts;
  /** When the last check that found nothing was made. */
  readonly soundAt: Date | undefined;
  /** When the custodian's statement was last compared. */
  readonly statementAt: Date | undefined;
  readonly fullWanted: boolean;
  readonly fullAt: Date | undefined;
  /** How long the last full check took. */
  readonly fullMs: number;
}

interface StateRow {
  readonly through: Date | null;
  readonly counts: RowCounts;
  readonly sound_at: Date | null;
  readonly statement_at: Date | null;
  readonly full_wanted: boolean;
  readonly full_at: Date | null;
  readonly full_ms: number;
}

const sql = {
  load: sqlFile('load-reconciliation.sql', import.meta.url),
  count: sqlFile('count-changes.sql', import.meta.url),
  quick: sqlFile('quick-check.sql', import.meta.url),
  roll: sqlFile('roll-checkpoints.sql', import.meta.url),
  remake: sqlFile('remake-checkpoints.sql', import.meta.url),
  keepQuick: sqlFile('keep-quick-check.sql', import.meta.url),
  lock: sqlFile('lock-reconciliation.sql', import.meta.url),
  keepFull: sqlFile('keep-full-check.sql', import.meta.url),
  wantFull: sqlFile('want-full-check.sql', import.meta.url),
  oneCore: sqlFile('use-one-core.sql', import.meta.url),
};

export async function loadCheckState(db: Db): Promise<CheckState> {
  const row = await db.one<StateRow>(sql.load);
  return {
    through: row.through ?? undefined,
    counts: row.counts,
    soundAt: row.sound_at ?? undefined,
    statementAt: row.statement_at ?? undefined,
    fullWanted: row.full_wanted,
    fullAt: row.full_at ?? undefined,
    fullMs: row.full_ms,
  };
}

/** The DEFAULT partition, which rows leave when theirs is made. */
export const overflowPart = 'ledger.transfers_default';

/** How many rows each partition of the transfers was given, and how many were changed or deleted in it. */
export const countChanges = async (db: Db): Promise<RowCounts> =>
  (await db.one<{ counts: RowCounts }>(sql.count)).counts;

/** Has a transaction's reads take one core at most: traders need the others. */
export async function useOneCore(tx: Db): Promise<void> {
  await tx.none(sql.oneCore);
}

/** Accounts and assets that do not agree with the checkpoints and what came after; a few, should there be many. */
export async function checkQuickly(db: Db, through: Date): Promise<readonly string[]> {
  return (await db.manyOrNone<{ subject: string }>(sql.quick, { through })).map(({ subject }) => subject);
}

/** Takes transfers into the checkpoints; false, and nothing done, when those do not stand at `from` any more. */
export const rollCheckpoints = async (db: Db, from: Date, to: Date): Promise<boolean> =>
  (await db.oneOrNone(sql.roll, { from, to })) !== null;

/** Makes the checkpoints from all transfers up to a time. */
export async function remakeCheckpoints(db: Db, to: Date): Promise<void> {
  await db.one(sql.remake, { to });
}

export async function keepQuickCheck(db: Db, { counts, at }: { counts: RowCounts; at: Date }): Promise<void> {
  await db.none(sql.keepQuick, { counts, at });
}

export interface FullCheck {
  /** Those from before it; undefined: they were not read. */
  readonly counts: RowCounts | undefined;
  readonly sound: boolean;
  /** When the custodian's statement was read for it; undefined: it was not. */
  readonly statementAt: Date | undefined;
  readonly at: Date;
  readonly ms: number;
}

/** Until the transaction ends, whoever keeps what another full check found waits. */
export async function lockChecks(tx: Db): Promise<void> {
  await tx.one(sql.lock);
}

export async function keepFullCheck(tx: Db, { counts, statementAt, ...check }: FullCheck): Promise<void> {
  await tx.none(sql.keepFull, {
    ...check,
    statementAt: statementAt ?? null,
    counts: counts === undefined ? null : JSON.stringify(counts),
  });
}

/** Has the next check be a full one. */
export const wantFullCheck = (db: Db): Promise<null> => db.none(sql.wantFull);
