import type { KycStatus, Role, User } from '../../domain/identity/user.ts';
import type { Db } from '../db.ts';
import { translateDbError } from '../db-errors.ts';
import { sqlFile } from '../sql.ts';

export interface NewUser {
  readonly userId: string;
  /** As written, for mail. */
  readonly email: string;
  /** As compared. */
  readonly emailNormalised: string;
  readonly passwordHash: string;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly role: Role;
  /** Set for seeded accounts only; a registration is verified by its mail. */
  readonly verifiedAt?: Date;
  readonly createdAt: Date;
}

interface UserRow {
  readonly user_id: string;
  readonly email: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly role: Role;
  readonly kyc_status: KycStatus;
  readonly verified_at: Date | null;
  readonly created_at: Date;
}

/** A registration attempt as its mail needs it. */
export interface Attempt {
  readonly email: string;
  /** When its mail was last asked for: by the registration, or again since. */
  readonly requestedAt: Date;
  /** The address of the account that owns this e-mail already: then there is nothing to verify. */
  readonly accountEmail?: string;
}

interface AttemptRow {
  readonly email: string;
  readonly verification_requested_at: Date;
  readonly account_email: string | null;
}

const sql = {
  insert: sqlFile('insert-user.sql', import.meta.url),
  find: sqlFile('find-user.sql', import.meta.url),
  findByEmail: sqlFile('find-user-by-email.sql', import.meta.url),
  listAttempts: sqlFile('list-attempts.sql', import.meta.url),
  findAttempt: sqlFile('find-attempt.sql', import.meta.url),
  lockAttempts: sqlFile('lock-attempts.sql', import.meta.url),
  verify: sqlFile('verify-user.sql', import.meta.url),
  deleteAttempts: sqlFile('delete-attempts.sql', import.meta.url),
  requestVerification: sqlFile('request-verification.sql', import.meta.url),
  updateProfile: sqlFile('update-profile.sql', import.meta.url),
  replacePasswordHash: sqlFile('replace-password-hash.sql', import.meta.url),
  setKycStatus: sqlFile('set-kyc-status.sql', import.meta.url),
  list: sqlFile('list-users.sql', import.meta.url),
  findPassword: sqlFile('find-password.sql', import.meta.url),
  freeze: sqlFile('freeze-user.sql', import.meta.url),
};

/** Adds a registration attempt, or an account when `verifiedAt` is set; undefined when the address has one already. */
export async function insertUser(db: Db, user: NewUser): Promise<User | undefined> {
  const optional = {
    firstName: user.firstName ?? null,
    lastName: user.lastName ?? null,
    verifiedAt: user.verifiedAt ?? null,
  };
  return toUserIfAny(await db.oneOrNone<UserRow>(sql.insert, { ...user, ...optional }));
}

/** An account or registration attempt by id; undefined when there is none or it was deleted. */
export async function findUser(db: Db, userId: string): Promise<User | undefined> {
  return toUserIfAny(await db.oneOrNone<UserRow>(sql.find, { userId }));
}

/** The account of a normalised address. */
export async function findUserByEmail(db: Db, emailNormalised: string): Promise<User | undefined> {
  return toUserIfAny(await db.oneOrNone<UserRow>(sql.findByEmail, { emailNormalised }));
}

export async function findAttempt(db: Db, userId: string): Promise<Attempt | undefined> {
  const row = await db.oneOrNone<AttemptRow>(sql.findAttempt, { userId });
  if (row === null) return undefined;
  return {
    email: row.email,
    requestedAt: row.verification_requested_at,
    ...(row.account_email !== null && { accountEmail: row.account_email }),
  };
}

/** The ids of attempts that wait for their click since before an instant, a page of them in order. */
export async function listAttempts(
  db: Db,
  page: { readonly after: string | undefined; readonly createdBefore: Date; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ user_id: string }>(sql.listAttempts, { ...page, after: page.after ?? null });
  return rows.map((row) => row.user_id);
}

/** Locks all attempts of the address that this attempt is for, in order; see lock-attempts.sql. */
export async function lockAttempts(db: Db, userId: string): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ user_id: string }>(sql.lockAttempts, { userId });
  return rows.map((row) => row.user_id);
}

/** Makes an attempt the account. Throws INVALID_TOKEN when another attempt of its address already became it. */
export async function verifyUser(db: Db, userId: string, at: Date): Promise<User | undefined> {
  return toUserIfAny(await db.oneOrNone<UserRow>(sql.verify, { userId, at }).catch(translateDbError));
}

/** Removes attempts; accounts among the ids stay. Returns the ids removed. */
export async function deleteAttempts(db: Db, userIds: readonly string[]): Promise<readonly string[]> {
  if (userIds.length === 0) return [];
  const rows = await db.manyOrNone<{ user_id: string }>(sql.deleteAttempts, { userIds });
  return rows.map((row) => row.user_id);
}

/** The attempt whose verification mail may be sent again, once per pause: see request-verification.sql. */
export async function requestVerification(
  db: Db,
  request: { readonly emailNormalised: string; readonly at: Date; readonly notAfter: Date },
): Promise<string | undefined> {
  return (await db.oneOrNone<{ user_id: string }>(sql.requestVerification, request))?.user_id;
}

export async function updateProfile(
  db: Db,
  profile: {
    readonly userId: string;
    readonly firstName?: string | undefined;
    readonly lastName?: string | undefined;
    readonly at: Date;
  },
): Promise<User | undefined> {
  const names = { firstName: profile.firstName ?? null, lastName: profile.lastName ?? null };
  return toUserIfAny(await db.oneOrNone<UserRow>(sql.updateProfile, { ...profile, ...names }));
}

/** Compare-and-set of the password hash; false when it was replaced meanwhile. */
export async function replacePasswordHash(
  db: Db,
  change: { readonly userId: string; readonly oldHash: string; readonly newHash: string; readonly at: Date },
): Promise<boolean> {
  return (await db.oneOrNone(sql.replacePasswordHash, change)) !== null;
}

export async function setKycStatus(
  db: Db,
  change: { readonly userId: string; readonly kycStatus: KycStatus; readonly at: Date },
): Promise<{ readonly user: User; readonly oldStatus: KycStatus } | undefined> {
  const row = await db.oneOrNone<UserRow & { old_status: KycStatus }>(sql.setKycStatus, change);
  return row === null ? undefined : { user: toUser(row), oldStatus: row.old_status };
}

/** Accounts and attempts after an id, in order of id. */
export async function listUsers(db: Db, page: { readonly after?: string; readonly limit: number }): Promise<User[]> {
  const rows = await db.manyOrNone<UserRow>(sql.list, { after: page.after ?? null, limit: page.limit });
  return rows.map(toUser);
}

/** What a password change is judged by. */
export async function findPassword(
  db: Db,
  userId: string,
): Promise<{ readonly email: string; readonly emailNormalised: string; readonly passwordHash: string } | undefined> {
  const row = await db.oneOrNone<{ email: string; email_normalised: string; password_hash: string }>(sql.findPassword, {
    userId,
  });
  if (row === null) return undefined;
  return { email: row.email, emailNormalised: row.email_normalised, passwordHash: row.password_hash };
}

/** Freezes an account; false when it is gone. */
export async function freezeUser(db: Db, userId: string, at: Date): Promise<boolean> {
  return (await db.oneOrNone(sql.freeze, { userId, at })) !== null;
}

const toUserIfAny = (row: UserRow | null): User | undefined => (row === null ? undefined : toUser(row));

const toUser = (row: UserRow): User => ({
  userId: row.user_id,
  email: row.email,
  ...(row.first_name !== null && { firstName: row.first_name }),
  ...(row.last_name !== null && { lastName: row.last_name }),
  role: row.role,
  kycStatus: row.kyc_status,
  ...(row.verified_at !== null && { verifiedAt: row.verified_at }),
  createdAt: row.created_at,
});
