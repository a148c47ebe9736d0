import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { Origin } from '../../../domain/origin.ts';
import { createIds } from '../../../platform/ids.ts';
import { type AccessTokens, createAccessTokens } from '../../../services/identity/access-tokens.ts';
import { createIdentityService, type IdentityService } from '../../../services/identity/identity.ts';
import type { SessionTokens } from '../../../services/identity/open-session.ts';
import type { IdentityDeps } from '../../../services/identity/parts.ts';
import { createPasswords } from '../../../services/identity/passwords.ts';
import { createSecretBox } from '../../../services/identity/secret-box.ts';
import { createSessionCache } from '../../../services/identity/session-cache.ts';
import type { Database } from '../../../storage/db.ts';
import { createTestDatabase } from '../../_support/database.ts';

export const origin: Origin = { traceId: '0'.repeat(32), ipAddress: '192.0.2.7', userAgent: 'test browser' };
export const goodPassword = 'a sentence nobody guesses';

export interface Kit {
  readonly db: Database;
  readonly deps: IdentityDeps;
  readonly identity: IdentityService;
  readonly accessTokens: AccessTokens;
  /** The users verified. */
  readonly verified: string[];
  /** The session ids whose owners are to be warned of theft. */
  readonly thefts: () => Promise<readonly string[]>;
  readonly now: () => Date;
  readonly advance: (ms: number) => void;
  /** A process of its own: the same database, another session cache and token cache. */
  readonly otherProcess: () => IdentityService;
  /** A verified account with a fresh address. */
  readonly account: () => Promise<{ readonly userId: string; readonly email: string }>;
  readonly signIn: (email: string) => Promise<SessionTokens>;
  readonly close: () => Promise<void>;
}

export const newEmail = (): string => `u${randomUUID()}@example.com`;

/** The token in a mail's link. */
export const tokenIn = (mail: { readonly text: string } | undefined): string =>
  /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? 'no token';

export const newSigningKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/**
 * Identity over a database of its own, with a clock that tests move and cheap password hashes. `close` it at the end.
 */
export async function createKit(): Promise<Kit> {
  const { db, drop } = await createTestDatabase();
  let ms = Date.now();
  const now = () => new Date(ms);
  const newId = createIds(now);
  const keys = { algorithm: 'EdDSA', privateKeys: [newSigningKey()] } as const;
  const claims = { issuer: 'https://exchange.test', audience: 'exchange', lifetimeSeconds: 900, clock: now, newId };
  const accessTokens = await createAccessTokens({ keys, ...claims });
  const verified: string[] = [];
  const newCache = () => createSessionCache({ db, monotonicMs: () => ms });
  const deps: IdentityDeps = {
    db,
    clock: now,
    newId,
    passwords: await createPasswords({ memoryKib: 64, iterations: 1, parallelism: 1, concurrency: 2, queueLimit: 200 }),
    accessTokens,
    secretBox: createSecretBox(randomBytes(32)),
    sessions: newCache(),
    refreshKey: randomBytes(32),
    refreshLifetimeMs: 7 * 86_400_000,
    publicUrl: 'https://exchange.test',
    kickOutbox: () => undefined,
    onVerified: [async (_tx, { userId }) => void verified.push(userId)],
  };
  const identity = createIdentityService(deps);
  const account = async () => {
    const email = newEmail();
    const { userId } = await identity.registration.register({ email, password: goodPassword }, origin);
    const mail = await identity.registrationSteps.mailForRegistration(userId);
    await identity.registration.verifyEmail(tokenIn(mail), origin);
    return { userId, email };
  };
  return {
    db,
    deps,
    identity,
    accessTokens,
    verified,
    thefts: () => theftsIn(db),
    now,
    advance: (by) => void (ms += by),
    otherProcess: () => createIdentityService({ ...deps, sessions: newCache() }),
    account,
    signIn: (email) => identity.login({ email, password: goodPassword }, origin),
    close: drop,
  };
}

async function theftsIn(db: Database): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ session_id: string }>(
    `SELECT payload #>> '{event,payload,session_id}' AS session_id FROM outbox.entries
      WHERE payload #>> '{event,type}' = 'user.session.revoked' AND payload #>> '{event,payload,reason}' = 'theft'`,
  );
  return rows.map((row) => row.session_id);
}
