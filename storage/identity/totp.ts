import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

export interface TotpSecret {
  /** Sealed; see services/identity/secret-box.ts. */
  readonly secret: Buffer;
  readonly confirmed: boolean;
}

const sql = {
  put: sqlFile('put-totp-secret.sql', import.meta.url),
  find: sqlFile('find-totp-secret.sql', import.meta.url),
  confirm: sqlFile('confirm-totp-secret.sql', import.meta.url),
  useStep: sqlFile('use-totp-step.sql', import.meta.url),
  findStep: sqlFile('find-totp-step.sql', import.meta.url),
  findOfficer: sqlFile('find-officer.sql', import.meta.url),
};

/** Stores a sealed secret; false when the user has a confirmed one, which then stays. */
export async function putTotpSecret(
  db: Db,
  entry: { readonly userId: string; readonly secret: Buffer; readonly confirmedAt?: Date; readonly at: Date },
): Promise<boolean> {
  return (await db.oneOrNone(sql.put, { ...entry, confirmedAt: entry.confirmedAt ?? null })) !== null;
}

export async function findTotpSecret(db: Db, userId: string): Promise<TotpSecret | undefined> {
  return (await db.oneOrNone<TotpSecret>(sql.find, { userId })) ?? undefined;
}

/** Confirms exactly this sealed secret; false when it was replaced or confirmed meanwhile. */
export async function confirmTotpSecret(db: Db, userId: string, secret: Buffer, at: Date): Promise<boolean> {
  return (await db.oneOrNone(sql.confirm, { userId, secret, at })) !== null;
}

/** Spends a time step, or says what it was spent on before. */
export async function spendTotpStep(
  db: Db,
  use: { readonly userId: string; readonly step: number; readonly binding: string; readonly at: Date },
): Promise<{ readonly fresh: boolean; readonly binding: string }> {
  const fresh = (await db.oneOrNone(sql.useStep, use)) !== null;
  if (fresh) return { fresh: true, binding: use.binding };
  const { binding } = await db.one<{ binding: string }>(sql.findStep, { userId: use.userId, step: use.step });
  return { fresh: false, binding };
}

/** The compliance officer of an id or normalised address, with her sealed secret. */
export async function findOfficer(
  db: Db,
  officer: string,
): Promise<{ readonly userId: string; readonly secret: Buffer } | undefined> {
  const row = await db.oneOrNone<{ user_id: string; secret: Buffer }>(sql.findOfficer, { officer });
  return row === null ? undefined : { userId: row.user_id, secret: row.secret };
}
