import { hash } from 'node:crypto';
import { DomainError } from '../../domain/errors.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import { unavailableWhenAway } from '../../storage/db.ts';
import { confirmChild, isConfirmed } from '../../storage/identity/sessions.ts';
import type { VerifiedClaims } from './access-tokens.ts';
import type { IdentityParts } from './parts.ts';
import { endForTheft } from './sessions.ts';

export interface AuthenticationService {
  /**
   * Who calls with this access token. A session's end is seen within 3 s. Throws UNAUTHENTICATED, and UNAVAILABLE when
   * the session cannot be checked: never “live” on a guess. Confirms the refresh token beside it on first use.
   */
  authenticate(accessToken: string, origin: Origin): Promise<Caller>;
}

interface Known {
  readonly claims: VerifiedClaims;
  /** The refresh token issued beside it is confirmed; it never becomes unconfirmed again. */
  confirmed: boolean;
}

const capacity = 50_000;

export function createAuthentication(parts: IdentityParts): AuthenticationService {
  const { db, clock, accessTokens, sessions, kickOutbox } = parts;
  /** Tokens verified before, by SHA-256: a signature is checked once a process, not once an order. */
  const verified = new Map<string, Known>();

  async function verify(accessToken: string, now: Date): Promise<Known> {
    const key = hash('sha256', accessToken, 'base64url');
    const before = verified.get(key);
    if (before !== undefined && before.claims.expiresAt > now) return before;
    verified.delete(key);
    const claims = await accessTokens.verify(accessToken);
    // A login's token is confirmed from the start.
    const known = { claims, confirmed: claims.serial === 1 };
    verified.set(key, known);
    const [oldest] = verified.keys();
    if (verified.size > capacity && oldest !== undefined) verified.delete(oldest);
    return known;
  }

  /** The first use of a refreshed access token confirms its refresh token; one beside a void token proves theft. */
  async function confirm({ userId, sessionId, serial }: VerifiedClaims, origin: Origin): Promise<boolean> {
    const at = clock();
    if (await confirmChild(db, sessionId, serial, at)) return true;
    const before = await isConfirmed(db, sessionId, serial);
    if (before === false) {
      await db.tx('theft', (tx) => endForTheft(parts, tx, { userId, sessionId }, origin, at));
      sessions.evict(sessionId);
      kickOutbox();
    }
    return before === true;
  }

  return {
    async authenticate(accessToken, origin) {
      const now = clock();
      const known = await verify(accessToken, now);
      const { userId, sessionId } = known.claims;
      const session = await sessions.get(sessionId);
      if (!session?.live || session.userId !== userId || session.expiresAt <= now) throw sessionEnded();
      known.confirmed ||= await confirm(known.claims, origin).catch(unavailableWhenAway);
      if (!known.confirmed) throw sessionEnded();
      const { role, kycStatus, lastFactorAt } = session;
      return { userId, sessionId, role, kycStatus, lastFactorAt };
    },
  };
}

const sessionEnded = (): DomainError => new DomainError('UNAUTHENTICATED', 'This session has ended. Sign in again.');
