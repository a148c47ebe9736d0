import { delaySeconds } from '../../domain/identity/lockout.ts';
import type { KycStatus, Role } from '../../domain/identity/user.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

/** What a sign-in is judged by. */
export interface SignIn {
  readonly userId: string;
  readonly email: string;
  readonly role: Role;
  readonly kycStatus: KycStatus;
  readonly passwordHash: string;
  readonly verified: boolean;
  readonly frozen: boolean;
  /** The sealed secret of a confirmed second factor. */
  readonly totpSecret?: Buffer;
  readonly knownDevice: boolean;
}

interface SignInRow {
  readonly user_id: string;
  readonly email: string;
  readonly role: Role;
  readonly kyc_status: KycStatus;
  readonly password_hash: string;
  readonly verified_at: Date | null;
  readonly frozen_at: Date | null;
  readonly totp_secret: Buffer | null;
  readonly known_device: boolean;
}

const sql = {
  find: sqlFile('find-sign-in.sql', import.meta.url),
  claimAttempt: sqlFile('claim-attempt.sql', import.meta.url),
  delayLeft: sqlFile('delay-left.sql', import.meta.url),
  returnAttempt: sqlFile('return-attempt.sql', import.meta.url),
  forgetFailures: sqlFile('forget-failures.sql', import.meta.url),
  rememberDevice: sqlFile('remember-device.sql', import.meta.url),
};

/** The account of an address, else its newest registration attempt. */
export async function findSignIn(
  db: Db,
  by: { readonly emailNormalised: string; readonly deviceHash: Buffer; readonly knownSince: Date },
): Promise<SignIn | undefined> {
  const row = await db.oneOrNone<SignInRow>(sql.find, by);
  if (row === null) return undefined;
  return {
    userId: row.user_id,
    email: row.email,
    role: row.role,
    kycStatus: row.kyc_status,
    passwordHash: row.password_hash,
    verified: row.verified_at !== null,
    frozen: row.frozen_at !== null,
    ...(row.totp_secret !== null && { totpSecret: row.totp_secret }),
    knownDevice: row.known_device,
  };
}

/**
 * Counts a try before it is judged. Returns how many are counted in a row, or undefined when tries are delayed now;
 * a known device is counted but never delayed.
 */
export async function claimAttempt(
  db: Db,
  attempt: { readonly addressHash: Buffer; readonly known: boolean; readonly at: Date },
): Promise<number | undefined> {
  const row = await db.oneOrNone<{ failures: number }>(sql.claimAttempt, { ...attempt, delays: delaySeconds });
  return row?.failures;
}

/** Until when tries are delayed. */
export async function delayedUntil(db: Db, addressHash: Buffer): Promise<Date | undefined> {
  return (await db.oneOrNone<{ delayed_until: Date }>(sql.delayLeft, { addressHash }))?.delayed_until;
}

/** Takes back a try that was neither failure nor success; `failures` is the count that claimAttempt returned. */
export async function returnAttempt(db: Db, addressHash: Buffer, failures: number, at: Date): Promise<void> {
  await db.oneOrNone(sql.returnAttempt, { addressHash, failures, at });
}

export async function forgetFailures(db: Db, addressHash: Buffer): Promise<void> {
  await db.none(sql.forgetFailures, { addressHash });
}

/** Notes that a device signed in; true when it is a new one beside those known before. */
export async function rememberDevice(db: Db, userId: string, deviceHash: Buffer, at: Date): Promise<boolean> {
  return (await db.one<{ is_new: boolean }>(sql.rememberDevice, { userId, deviceHash, at })).is_new;
}
