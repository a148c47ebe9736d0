import type { TokenChain } from '../../domain/identity/refresh.ts';
import type { KycStatus, Role } from '../../domain/identity/user.ts';
import type { Db } from '../db.ts';
import { sqlFile } from '../sql.ts';

export interface NewSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly userAgent: string;
  readonly ipAddress?: string | undefined;
  readonly lastFactorAt?: Date | undefined;
  /** SHA-256 of the first refresh token. */
  readonly tokenHash: Buffer;
  readonly at: Date;
  readonly expiresAt: Date;
}

/** A session as a refresh sees it. */
export interface RefreshState {
  readonly sessionId: string;
  readonly userId: string;
  readonly role: Role;
  /** The presented token's serial. */
  readonly serial: number;
  readonly chain: TokenChain;
  readonly live: boolean;
}

export interface SessionState {
  readonly userId: string;
  readonly role: Role;
  readonly kycStatus: KycStatus;
  readonly live: boolean;
  readonly lastFactorAt?: Date;
  readonly expiresAt: Date;
}

export interface ListedSession {
  readonly sessionId: string;
  readonly userAgent: string;
  readonly ipAddress?: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
}

/** Why a session ended, for its owner and the audit log. */
export type RevocationReason = 'logout' | 'logout_all' | 'revoked_by_owner' | 'password_changed' | 'theft' | 'frozen';

interface LockedRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly role: Role;
  readonly serial: number;
  readonly head_serial: number;
  readonly child_serial: number | null;
  readonly child_generation: number;
  readonly child_issued_at: Date | null;
  readonly live: boolean;
}

interface StateRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly role: Role;
  readonly kyc_status: KycStatus;
  readonly live: boolean;
  readonly last_factor_at: Date | null;
  readonly expires_at: Date;
}

interface ListedRow {
  readonly session_id: string;
  readonly user_agent: string;
  readonly ip_address: string | null;
  readonly created_at: Date;
  readonly last_used_at: Date;
}

const sql = {
  start: sqlFile('start-session.sql', import.meta.url),
  lock: sqlFile('lock-session.sql', import.meta.url),
  issueChild: sqlFile('issue-child.sql', import.meta.url),
  confirmChild: sqlFile('confirm-child.sql', import.meta.url),
  isConfirmed: sqlFile('is-confirmed.sql', import.meta.url),
  revoke: sqlFile('revoke-sessions.sql', import.meta.url),
  list: sqlFile('list-sessions.sql', import.meta.url),
  loadStates: sqlFile('load-session-states.sql', import.meta.url),
  showFactor: sqlFile('show-factor.sql', import.meta.url),
  findTheft: sqlFile('find-theft.sql', import.meta.url),
};

/** Adds a session with its first refresh token, serial 1, which counts as confirmed. */
export async function startSession(db: Db, session: NewSession): Promise<void> {
  const optional = { ipAddress: session.ipAddress ?? null, lastFactorAt: session.lastFactorAt ?? null };
  await db.none(sql.start, { ...session, ...optional });
}

/** Locks the session of a refresh token; undefined when the token is unknown. */
export async function lockSession(db: Db, tokenHash: Buffer, at: Date): Promise<RefreshState | undefined> {
  const row = await db.oneOrNone<LockedRow>(sql.lock, { tokenHash, at });
  if (row === null) return undefined;
  const { child_serial: serial, child_generation: generation, child_issued_at: issuedAt } = row;
  return {
    sessionId: row.session_id,
    userId: row.user_id,
    role: row.role,
    serial: row.serial,
    chain: {
      head: row.head_serial,
      child: serial === null || issuedAt === null ? undefined : { serial, generation, issuedAt },
    },
    live: row.live,
  };
}

export async function issueChild(
  db: Db,
  child: {
    readonly sessionId: string;
    readonly serial: number;
    readonly generation: number;
    readonly tokenHash: Buffer;
    readonly at: Date;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await db.none(sql.issueChild, child);
}

/** Confirms the child of a session; false when this serial is not its child (any more). */
export async function confirmChild(db: Db, sessionId: string, serial: number, at: Date): Promise<boolean> {
  return (await db.oneOrNone(sql.confirmChild, { sessionId, serial, at })) !== null;
}

/** Whether a refresh token was ever confirmed; undefined when it is not known (any more). */
export async function isConfirmed(db: Db, sessionId: string, serial: number): Promise<boolean | undefined> {
  return (await db.oneOrNone<{ confirmed: boolean }>(sql.isConfirmed, { sessionId, serial }))?.confirmed;
}

/** Ends one session of a user, or all (but `exceptId`) when none is named. Returns the ids of those it ended. */
export async function revokeSessions(
  db: Db,
  which: {
    readonly userId: string;
    readonly sessionId?: string;
    readonly exceptId?: string;
    readonly why: RevocationReason;
    readonly at: Date;
  },
): Promise<readonly string[]> {
  const optional = { sessionId: which.sessionId ?? null, exceptId: which.exceptId ?? null };
  const rows = await db.manyOrNone<{ session_id: string }>(sql.revoke, { ...which, ...optional });
  return rows.map((row) => row.session_id);
}

/** The live sessions of a user, newest first. */
export async function listSessions(db: Db, userId: string, at: Date): Promise<readonly ListedSession[]> {
  const rows = await db.manyOrNone<ListedRow>(sql.list, { userId, at });
  return rows.map((row) => ({
    sessionId: row.session_id,
    userAgent: row.user_agent,
    ...(row.ip_address !== null && { ipAddress: row.ip_address }),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }));
}

/** The present state of many sessions; an unknown session is missing from the answer. */
export async function loadSessionStates(
  db: Db,
  sessionIds: readonly string[],
): Promise<ReadonlyMap<string, SessionState>> {
  const rows = await db.manyOrNone<StateRow>(sql.loadStates, { sessionIds });
  return new Map(
    rows.map((row) => [
      row.session_id,
      {
        userId: row.user_id,
        role: row.role,
        kycStatus: row.kyc_status,
        live: row.live,
        ...(row.last_factor_at !== null && { lastFactorAt: row.last_factor_at }),
        expiresAt: row.expires_at,
      },
    ]),
  );
}

/** Notes that a session showed a second factor; false when it is not live. */
export async function showFactor(db: Db, sessionId: string, at: Date): Promise<boolean> {
  return (await db.oneOrNone(sql.showFactor, { sessionId, at })) !== null;
}

/** Whom to warn of the theft that ended a session; undefined when none did. */
export async function findTheft(
  db: Db,
  sessionId: string,
): Promise<{ readonly userId: string; readonly email: string } | undefined> {
  const row = await db.oneOrNone<{ user_id: string; email: string }>(sql.findTheft, { sessionId });
  return row === null ? undefined : { userId: row.user_id, email: row.email };
}
