import type { Db } from '../db.ts';
import { translateDbError } from '../db-errors.ts';
import { sqlFile } from '../sql.ts';

export type DepositState = 'CONFIRMED' | 'CREDITED';

/** What a rail reported: final, and meant for one user. The rail and its reference are the deposit's key. */
export interface ReportedDeposit {
  readonly rail: string;
  readonly reference: string;
  readonly userId: string;
  readonly asset: string;
  /** Decimal string above zero, within the asset's scale. */
  readonly amount: string;
}

export interface Deposit extends ReportedDeposit {
  readonly depositId: string;
  readonly state: DepositState;
  readonly createdAt: Date;
  readonly creditedAt: Date | undefined;
}

interface DepositRow {
  readonly deposit_id: string;
  readonly rail: string;
  readonly reference: string;
  readonly user_id: string;
  readonly asset: string;
  readonly amount: string;
  readonly state: DepositState;
  readonly created_at: Date;
  readonly credited_at: Date | null;
}

const sql = {
  add: sqlFile('add-deposit.sql', import.meta.url),
  find: sqlFile('find-deposit.sql', import.meta.url),
  state: sqlFile('deposit-state.sql', import.meta.url),
  markCredited: sqlFile('mark-credited.sql', import.meta.url),
  list: sqlFile('list-deposits.sql', import.meta.url),
  listUncredited: sqlFile('list-uncredited.sql', import.meta.url),
};

/** Notes a deposit; undefined when its rail reported this reference before. */
export async function addDeposit(
  db: Db,
  deposit: ReportedDeposit & { readonly depositId: string },
  at: Date,
): Promise<Deposit | undefined> {
  return toDepositIfAny(await db.oneOrNone<DepositRow>(sql.add, { ...deposit, at }).catch(translateDbError));
}

export async function findDeposit(db: Db, rail: string, reference: string): Promise<Deposit | undefined> {
  return toDepositIfAny(await db.oneOrNone<DepositRow>(sql.find, { rail, reference }));
}

export async function depositState(db: Db, depositId: string): Promise<DepositState | undefined> {
  return (await db.oneOrNone<{ state: DepositState }>(sql.state, { depositId }))?.state;
}

/** Marks a deposit as credited, once: undefined when it is unknown or was credited before. */
export async function markCredited(tx: Db, depositId: string, at: Date): Promise<Deposit | undefined> {
  return toDepositIfAny(await tx.oneOrNone<DepositRow>(sql.markCredited, { depositId, at }));
}

/** A user's deposits, newest first. */
export async function listDeposits(
  db: Db,
  page: { readonly userId: string; readonly before: string | undefined; readonly limit: number },
): Promise<readonly Deposit[]> {
  return (await db.manyOrNone<DepositRow>(sql.list, { ...page, before: page.before ?? null })).map(toDeposit);
}

/** The ids of deposits that wait for their credit since before an instant, a page of them in order. */
export async function listUncredited(
  db: Db,
  page: { readonly after: string | undefined; readonly createdBefore: Date; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ deposit_id: string }>(sql.listUncredited, { ...page, after: page.after ?? null });
  return rows.map((row) => row.deposit_id);
}

const toDepositIfAny = (row: DepositRow | null): Deposit | undefined => (row === null ? undefined : toDeposit(row));

const toDeposit = (row: DepositRow): Deposit => ({
  depositId: row.deposit_id,
  rail: row.rail,
  reference: row.reference,
  userId: row.user_id,
  asset: row.asset,
  amount: row.amount,
  state: row.state,
  createdAt: row.created_at,
  creditedAt: row.credited_at ?? undefined,
});
