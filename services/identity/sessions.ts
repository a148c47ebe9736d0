import { DomainError } from '../../domain/errors.ts';
import { judgeRefresh } from '../../domain/identity/refresh.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import type { Db } from '../../storage/db.ts';
import {
  confirmChild,
  issueChild,
  type ListedSession,
  listSessions,
  lockSession,
  type RevocationReason,
  revokeSessions,
} from '../../storage/identity/sessions.ts';
import type { AccessClaims } from './access-tokens.ts';
import type { SessionTokens } from './open-session.ts';
import { childToken, sha256 } from './opaque-tokens.ts';
import type { IdentityParts } from './parts.ts';
import type { Happening } from './records.ts';

export type { ListedSession };

export interface SessionService {
  /**
   * Rotates a refresh token: a repeat within 10 s gets the same child, a later one the next as long as no child was
   * used. A spent or void token ends the session and warns its owner. Throws UNAUTHENTICATED for every bad token.
   */
  refresh(refreshToken: string, origin: Origin): Promise<SessionTokens>;
  /** The caller's live sessions, newest first. */
  list(caller: Caller): Promise<readonly ListedSession[]>;
  /** Ends one session of the caller. Throws NOT_FOUND when it is not hers or not live. */
  revoke(caller: Caller, sessionId: string, origin: Origin): Promise<void>;
  /** Ends the caller's own session. */
  logout(caller: Caller, origin: Origin): Promise<void>;
  /** Ends all sessions of the caller, this one too. */
  logoutAll(caller: Caller, origin: Origin): Promise<void>;
}

/** Ends sessions in the caller's transaction, with their events and audit lines. Returns the ids of those it ended. */
export async function endSessions(
  { record, sessions }: IdentityParts,
  tx: Db,
  which: {
    readonly userId: string;
    readonly sessionId?: string;
    readonly exceptId?: string;
    readonly why: RevocationReason;
  } & Pick<Happening, 'origin' | 'at' | 'actor'>,
): Promise<readonly string[]> {
  const { userId, why, origin, at, actor = 'user' } = which;
  const ended = await revokeSessions(tx, which);
  for (const sessionId of ended) {
    sessions.evict(sessionId);
    const event = { userId, type: 'user.session.revoked', payload: { session_id: sessionId, reason: why } };
    const what = { action: 'session.revoke', resource: 'session', resourceId: sessionId, details: { why } };
    await record(tx, { ...what, userId, actor, event, origin, at });
  }
  return ended;
}

export function createSessions(parts: IdentityParts): SessionService {
  const { db, clock, accessTokens, kickOutbox } = parts;

  async function end(which: Omit<Parameters<typeof endSessions>[2], 'at'>): Promise<readonly string[]> {
    const ended = await db.tx('end-sessions', (tx) => endSessions(parts, tx, { ...which, at: clock() }));
    // Once more: a question asked before the commit may have been answered in between.
    for (const sessionId of ended) parts.sessions.evict(sessionId);
    kickOutbox();
    return ended;
  }

  return {
    async refresh(refreshToken, origin) {
      const rotated = await db.tx('refresh', (tx) => rotate(parts, tx, refreshToken, origin));
      kickOutbox();
      if (rotated === undefined) throw refreshRefused();
      const accessToken = await accessTokens.sign(rotated.claims);
      const { sessionId } = rotated.claims;
      return { accessToken, refreshToken: rotated.child, expiresInSeconds: accessTokens.lifetimeSeconds, sessionId };
    },
    list: ({ userId }) => listSessions(db, userId, clock()),
    async revoke({ userId }, sessionId, origin) {
      const ended = await end({ userId, sessionId, why: 'revoked_by_owner', origin });
      if (ended.length === 0) throw new DomainError('NOT_FOUND', 'There is no such session.');
    },
    async logout({ userId, sessionId }, origin) {
      await end({ userId, sessionId, why: 'logout', origin });
    },
    async logoutAll({ userId }, origin) {
      await end({ userId, why: 'logout_all', origin });
    },
  };
}

interface Rotated {
  readonly child: string;
  readonly claims: AccessClaims;
}

/**
 * One refresh under the session's lock. Undefined for a bad token: what theft changes must commit, so it cannot
 * throw.
 */
async function rotate(parts: IdentityParts, tx: Db, presented: string, origin: Origin): Promise<Rotated | undefined> {
  const at = parts.clock();
  const state = await lockSession(tx, sha256(presented), at);
  if (!state?.live) return undefined;
  const { sessionId, userId, role } = state;
  const verdict = judgeRefresh(state.chain, state.serial, at);
  if (verdict.kind === 'theft') {
    await endForTheft(parts, tx, { userId, sessionId }, origin, at);
    return undefined;
  }
  const { serial, generation } = verdict;
  const child = childToken(parts.refreshKey, presented, generation);
  if (verdict.kind === 'issue') {
    if (verdict.confirms) await confirmChild(tx, sessionId, state.serial, at);
    const expiresAt = new Date(at.getTime() + parts.refreshLifetimeMs);
    await issueChild(tx, { sessionId, serial, generation, tokenHash: sha256(child), at, expiresAt });
  }
  return { child, claims: { userId, sessionId, role, serial } };
}

/**
 * Two parties hold tokens of one session: nobody can say which is the owner, so both are out. The event has its owner
 * warned.
 */
export async function endForTheft(
  parts: IdentityParts,
  tx: Db,
  stolen: { readonly userId: string; readonly sessionId: string },
  origin: Origin,
  at: Date,
): Promise<void> {
  await endSessions(parts, tx, { ...stolen, why: 'theft', actor: 'system', origin, at });
}

const refreshRefused = (): DomainError =>
  new DomainError('UNAUTHENTICATED', 'The refresh token is not valid. Sign in again.');
