import type { AdjustmentDirection, AdjustmentState } from '../../domain/ledger/adjustment.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** A correction of the books as stored. The amount is a decimal string above zero. */
export interface Adjustment {
  readonly adjustmentId: string;
  /** Of the staff. */
  readonly requestedBy: string;
  readonly clientAdjustmentId: string;
  readonly userId: string;
  readonly asset: string;
  readonly amount: string;
  readonly direction: AdjustmentDirection;
  readonly reason: string;
  readonly reference: string | undefined;
  readonly state: AdjustmentState;
  readonly endedReason: string | undefined;
  readonly endedAt: Date | undefined;
  readonly createdAt: Date;
}

export type NewAdjustment = Omit<Adjustment, 'state' | 'endedReason' | 'endedAt' | 'createdAt'>;

interface AdjustmentRow {
  readonly adjustment_id: string;
  readonly requested_by: string;
  readonly client_adjustment_id: string;
  readonly user_id: string;
  readonly asset: string;
  readonly amount: string;
  readonly direction: AdjustmentDirection;
  readonly reason: string;
  readonly reference: string | null;
  readonly state: AdjustmentState;
  readonly ended_reason: string | null;
  readonly ended_at: Date | null;
  readonly created_at: Date;
}

const sql = {
  add: sqlFile('add-adjustment.sql', import.meta.url),
  find: sqlFile('find-adjustment.sql', import.meta.url),
  lock: sqlFile('lock-adjustment.sql', import.meta.url),
  findByClientId: sqlFile('find-adjustment-by-client-id.sql', import.meta.url),
  list: sqlFile('list-adjustments.sql', import.meta.url),
  listOpen: sqlFile('list-open-adjustments.sql', import.meta.url),
  end: sqlFile('end-adjustment.sql', import.meta.url),
  adjust: sqlFile('adjust.sql', import.meta.url),
};

/** Adds a request; undefined when its requester has one under the same client id. */
export const addAdjustment = async (tx: Db, added: NewAdjustment, at: Date): Promise<Adjustment | undefined> =>
  toAdjustment(await tx.oneOrNone<AdjustmentRow>(sql.add, { ...added, reference: added.reference ?? null, at }));

export const findAdjustment = async (db: Db, adjustmentId: string): Promise<Adjustment | undefined> =>
  toAdjustment(await db.oneOrNone<AdjustmentRow>(sql.find, { adjustmentId }));

/** The same, locked until the transaction ends. */
export const lockAdjustment = async (tx: Db, adjustmentId: string): Promise<Adjustment | undefined> =>
  toAdjustment(await tx.oneOrNone<AdjustmentRow>(sql.lock, { adjustmentId }));

export const findAdjustmentByClientId = async (
  db: Db,
  by: Pick<Adjustment, 'requestedBy' | 'clientAdjustmentId'>,
): Promise<Adjustment | undefined> => toAdjustment(await db.oneOrNone<AdjustmentRow>(sql.findByClientId, by));

export interface AdjustmentsPage {
  readonly state: AdjustmentState | undefined;
  /** Only older ones than this. */
  readonly before: string | undefined;
  readonly limit: number;
}

/** Adjustments of all users, newest first. */
export async function listAdjustments(db: Db, page: AdjustmentsPage): Promise<readonly Adjustment[]> {
  const { state = null, before = null, limit } = page;
  return (await db.manyOrNone<AdjustmentRow>(sql.list, { state, before, limit })).map(fromRow);
}

/** The ids of adjustments whose workflow must be running, a page of them in order. */
export async function listOpenAdjustments(
  db: Db,
  page: { readonly after: string | undefined; readonly createdBefore: Date; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ adjustment_id: string }>(sql.listOpen, { ...page, after: page.after ?? null });
  return rows.map((row) => row.adjustment_id);
}

/** Ends an adjustment that is in review; false when it is not. `reason` says why it was not posted, else null. */
export const endAdjustment = async (
  tx: Db,
  ended: {
    readonly adjustmentId: string;
    readonly to: Exclude<AdjustmentState, 'REVIEW'>;
    readonly reason: string | null;
    readonly at: Date;
  },
): Promise<boolean> => (await tx.oneOrNone(sql.end, ended)) !== null;

/**
 * Moves the amount between the user's available account and the house's suspense account; false, and nothing moves,
 * when she has less. A second posting of the same id throws: the caller's state decides first.
 */
export async function postAdjustment(
  tx: Db,
  { adjustmentId, userId, asset, amount, direction }: Adjustment,
  at: Date,
): Promise<boolean> {
  const values = { adjustmentId, userId, asset, amount, isCredit: direction === 'CREDIT', at };
  return (await tx.one<{ posted: boolean }>(sql.adjust, values)).posted;
}

const toAdjustment = (row: AdjustmentRow | null): Adjustment | undefined => (row === null ? undefined : fromRow(row));

const fromRow = (row: AdjustmentRow): Adjustment => ({
  adjustmentId: row.adjustment_id,
  requestedBy: row.requested_by,
  clientAdjustmentId: row.client_adjustment_id,
  userId: row.user_id,
  asset: row.asset,
  amount: row.amount,
  direction: row.direction,
  reason: row.reason,
  reference: row.reference ?? undefined,
  state: row.state,
  endedReason: row.ended_reason ?? undefined,
  endedAt: row.ended_at ?? undefined,
  createdAt: row.created_at,
});
