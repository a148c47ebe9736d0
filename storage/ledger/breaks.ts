import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** A matter of breaks: all that are found while it is open belong to it. */
export interface BreakCase {
  readonly caseId: string;
  readonly state: 'open' | 'closed';
  readonly openedAt: Date;
  readonly closedAt: Date | undefined;
}

export interface NewBreak {
  readonly breakId: string;
  readonly check: string;
  readonly subject: string;
  /** Whose withdrawals it halts; none named: all. */
  readonly assets: readonly string[];
  readonly finding: string;
  readonly state: 'open' | 'mended';
}

export interface KeptBreak extends NewBreak {
  readonly foundAt: Date;
  readonly mendedAt: Date | undefined;
}

interface CaseRow {
  readonly case_id: string;
  readonly state: BreakCase['state'];
  readonly opened_at: Date;
  readonly closed_at: Date | null;
}

interface BreakRow {
  readonly break_id: string;
  readonly check_of: string;
  readonly subject: string;
  readonly assets: readonly string[];
  readonly finding: string;
  readonly state: NewBreak['state'];
  readonly found_at: Date;
  readonly mended_at: Date | null;
}

const sql = {
  findOpen: sqlFile('find-open-break-case.sql', import.meta.url),
  lockOpen: sqlFile('lock-open-break-case.sql', import.meta.url),
  find: sqlFile('find-break-case.sql', import.meta.url),
  lock: sqlFile('lock-break-case.sql', import.meta.url),
  add: sqlFile('add-break-case.sql', import.meta.url),
  close: sqlFile('close-break-case.sql', import.meta.url),
  list: sqlFile('list-breaks.sql', import.meta.url),
  put: sqlFile('put-breaks.sql', import.meta.url),
  mend: sqlFile('mend-breaks.sql', import.meta.url),
};

/** The one case that may be open. */
export const findOpenCase = async (db: Db): Promise<BreakCase | undefined> =>
  toCase(await db.oneOrNone<CaseRow>(sql.findOpen));

/** The same, locked until the transaction ends. */
export const lockOpenCase = async (tx: Db): Promise<BreakCase | undefined> =>
  toCase(await tx.oneOrNone<CaseRow>(sql.lockOpen));

export const findBreakCase = async (db: Db, caseId: string): Promise<BreakCase | undefined> =>
  toCase(await db.oneOrNone<CaseRow>(sql.find, { caseId }));

/** The same, locked until the transaction ends. */
export const lockBreakCase = async (tx: Db, caseId: string): Promise<BreakCase | undefined> =>
  toCase(await tx.oneOrNone<CaseRow>(sql.lock, { caseId }));

/** Opens a case; there must be no other open one. */
export async function addBreakCase(tx: Db, caseId: string, at: Date): Promise<void> {
  await tx.none(sql.add, { caseId, at });
}

/** Closes a case; false when it is not open. */
export const closeBreakCase = async (tx: Db, caseId: string, at: Date): Promise<boolean> =>
  (await tx.oneOrNone(sql.close, { caseId, at })) !== null;

/** The breaks of a case, in the order they were found. */
export async function listBreaks(db: Db, caseId: string): Promise<readonly KeptBreak[]> {
  const rows = await db.manyOrNone<BreakRow>(sql.list, { caseId });
  return rows.map(({ break_id, check_of, found_at, mended_at, ...row }) => ({
    ...row,
    breakId: break_id,
    check: check_of,
    foundAt: found_at,
    mendedAt: mended_at ?? undefined,
  }));
}

/** Keeps what was found for a case. What is known by its check and subject is open again, as it is found now. */
export async function putBreaks(tx: Db, caseId: string, found: readonly NewBreak[], at: Date): Promise<void> {
  const rows = found.map(({ breakId, check, ...rest }) => ({ ...rest, break_id: breakId, check_of: check }));
  await tx.none(sql.put, { caseId, breaks: JSON.stringify(rows), at });
}

/** Notes of breaks that they are found no more. */
export async function mendBreaks(tx: Db, breakIds: readonly string[], at: Date): Promise<void> {
  await tx.none(sql.mend, { breakIds, at });
}

function toCase(row: CaseRow | null): BreakCase | undefined {
  if (row === null) return undefined;
  const { case_id: caseId, state, opened_at: openedAt, closed_at } = row;
  return { caseId, state, openedAt, closedAt: closed_at ?? undefined };
}
