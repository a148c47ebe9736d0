import type { RiskReason } from '../../domain/compliance/case.ts';
import type { WithdrawalState } from '../../domain/payments/withdrawal.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** A withdrawal as stored. Amounts are decimal strings. */
export interface Withdrawal {
  readonly withdrawalId: string;
  readonly userId: string;
  readonly clientWithdrawalId: string;
  readonly asset: string;
  readonly amount: string;
  readonly address: string;
  readonly rail: string;
  readonly quoteValue: string;
  readonly state: WithdrawalState;
  readonly riskReasons: readonly RiskReason[];
  readonly approvalsNeeded?: number;
  readonly reviewSince?: Date;
  readonly nonce?: string;
  readonly signed?: { readonly bytes: string; readonly hash: string };
  readonly endedReason?: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type NewWithdrawal = Pick<
  Withdrawal,
  'withdrawalId' | 'userId' | 'clientWithdrawalId' | 'asset' | 'amount' | 'address' | 'rail' | 'quoteValue'
>;

interface WithdrawalRow {
  readonly withdrawal_id: string;
  readonly user_id: string;
  readonly client_withdrawal_id: string;
  readonly asset: string;
  readonly amount: string;
  readonly address: string;
  readonly rail: string;
  readonly quote_value: string;
  readonly state: WithdrawalState;
  readonly risk_reasons: readonly RiskReason[];
  readonly approvals_needed: number | null;
  readonly review_since: Date | null;
  readonly nonce: string | null;
  readonly raw_bytes: string | null;
  readonly tx_hash: string | null;
  readonly ended_reason: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const sql = {
  add: sqlFile('add-withdrawal.sql', import.meta.url),
  find: sqlFile('find-withdrawal.sql', import.meta.url),
  lock: sqlFile('lock-withdrawal.sql', import.meta.url),
  findByClientId: sqlFile('find-withdrawal-by-client-id.sql', import.meta.url),
  list: sqlFile('list-withdrawals.sql', import.meta.url),
  listRunning: sqlFile('list-running-withdrawals.sql', import.meta.url),
  lockLimits: sqlFile('lock-limits.sql', import.meta.url),
  usage: sqlFile('withdrawal-usage.sql', import.meta.url),
  move: sqlFile('move-withdrawal.sql', import.meta.url),
  end: sqlFile('end-withdrawal.sql', import.meta.url),
  endScreening: sqlFile('end-withdrawal-screening.sql', import.meta.url),
  takeNonce: sqlFile('take-nonce.sql', import.meta.url),
  beginSigning: sqlFile('begin-signing.sql', import.meta.url),
  storeSigned: sqlFile('store-signed.sql', import.meta.url),
  claims: sqlFile('withdrawal-claims.sql', import.meta.url),
};

/** Adds a request; undefined when the user has one under the same client id. */
export const addWithdrawal = async (db: Db, added: NewWithdrawal, at: Date): Promise<Withdrawal | undefined> =>
  toWithdrawalIfAny(await db.oneOrNone<WithdrawalRow>(sql.add, { ...added, at }));

export const findWithdrawal = async (db: Db, withdrawalId: string): Promise<Withdrawal | undefined> =>
  toWithdrawalIfAny(await db.oneOrNone<WithdrawalRow>(sql.find, { withdrawalId }));

/** Locks the withdrawal until the transaction ends. */
export const lockWithdrawal = async (db: Db, withdrawalId: string): Promise<Withdrawal | undefined> =>
  toWithdrawalIfAny(await db.oneOrNone<WithdrawalRow>(sql.lock, { withdrawalId }));

export const findByClientId = async (
  db: Db,
  by: { readonly userId: string; readonly clientWithdrawalId: string },
): Promise<Withdrawal | undefined> => toWithdrawalIfAny(await db.oneOrNone<WithdrawalRow>(sql.findByClientId, by));

/** A user's withdrawals, newest first. */
export async function listWithdrawals(
  db: Db,
  page: { readonly userId: string; readonly before: string | undefined; readonly limit: number },
): Promise<readonly Withdrawal[]> {
  return (await db.manyOrNone<WithdrawalRow>(sql.list, { ...page, before: page.before ?? null })).map(toWithdrawal);
}

/** The ids of withdrawals whose workflow must be running, a page of them in order. */
export async function listRunningWithdrawals(
  db: Db,
  page: { readonly after: string | undefined; readonly createdBefore: Date; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ withdrawal_id: string }>(sql.listRunning, { ...page, after: page.after ?? null });
  return rows.map((row) => row.withdrawal_id);
}

/** What the withdrawals that have not ended hold, by their ids. */
export async function listWithdrawalClaims(
  db: Db,
): Promise<readonly { readonly reservationId: string; readonly amount: string }[]> {
  const rows = await db.manyOrNone<{ reservation_id: string; amount: string }>(sql.claims);
  return rows.map(({ reservation_id, amount }) => ({ reservationId: reservation_id, amount }));
}

/** Makes other requests of this user wait until the transaction ends. */
export async function lockLimits(db: Db, userId: string, at: Date): Promise<void> {
  await db.one(sql.lockLimits, { userId, at });
}

/** What the user's withdrawals of the last 24 hours and 30 days are worth, as decimal strings. */
export async function withdrawalUsage(
  db: Db,
  since: { readonly userId: string; readonly day: Date; readonly month: Date },
): Promise<{ readonly day: string; readonly month: string }> {
  return db.one<{ day: string; month: string }>(sql.usage, since);
}

interface Move<To> {
  readonly withdrawalId: string;
  readonly from: readonly WithdrawalState[];
  readonly to: To;
  readonly at: Date;
}

/** Moves a withdrawal on; false when it is in none of the states expected. */
export const moveWithdrawal = async (db: Db, move: Move<WithdrawalState>): Promise<boolean> =>
  (await db.oneOrNone(sql.move, move)) !== null;

/** Ends a withdrawal; false when it is in none of the states expected. */
export const endWithdrawal = async (
  db: Db,
  move: Move<'SETTLED' | 'CANCELLED' | 'REJECTED' | 'EXPIRED'> & { readonly reason: string | null },
): Promise<boolean> => (await db.oneOrNone(sql.end, move)) !== null;

/** Ends the screening; false when it is over already. */
export const endWithdrawalScreening = async (
  db: Db,
  {
    reasons,
    ...rest
  }: {
    readonly withdrawalId: string;
    readonly to: 'REVIEW' | 'APPROVED';
    readonly approvalsNeeded: number;
    readonly reasons: readonly RiskReason[];
    readonly at: Date;
  },
): Promise<boolean> => (await db.oneOrNone(sql.endScreening, { ...rest, reasons: JSON.stringify(reasons) })) !== null;

/** Takes the next number of the rail's hot wallet, and the lock on it until the transaction ends. */
export const takeNonce = async (db: Db, rail: string): Promise<string> =>
  (await db.one<{ nonce: string }>(sql.takeNonce, { rail })).nonce;

/** Begins to sign; false when it is not approved (any more). */
export const beginSigning = async (
  db: Db,
  begun: { readonly withdrawalId: string; readonly nonce: string; readonly at: Date },
): Promise<boolean> => (await db.oneOrNone(sql.beginSigning, begun)) !== null;

/** Stores what was signed; false when something was stored before, which then stays. */
export const storeSigned = async (
  db: Db,
  signed: { readonly withdrawalId: string; readonly bytes: string; readonly hash: string; readonly at: Date },
): Promise<boolean> => (await db.oneOrNone(sql.storeSigned, signed)) !== null;

const toWithdrawalIfAny = (row: WithdrawalRow | null): Withdrawal | undefined =>
  row === null ? undefined : toWithdrawal(row);

const toWithdrawal = (row: WithdrawalRow): Withdrawal => ({
  withdrawalId: row.withdrawal_id,
  userId: row.user_id,
  clientWithdrawalId: row.client_withdrawal_id,
  asset: row.asset,
  amount: row.amount,
  address: row.address,
  rail: row.rail,
  quoteValue: row.quote_value,
  state: row.state,
  riskReasons: row.risk_reasons,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  ...(row.approvals_needed !== null && { approvalsNeeded: row.approvals_needed }),
  ...(row.review_since !== null && { reviewSince: row.review_since }),
  ...(row.nonce !== null && { nonce: row.nonce }),
  ...(row.raw_bytes !== null && row.tx_hash !== null && { signed: { bytes: row.raw_bytes, hash: row.tx_hash } }),
  ...(row.ended_reason !== null && { endedReason: row.ended_reason }),
});
