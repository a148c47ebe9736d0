import type { Role } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import type { Db } from '../../storage/db.ts';
import { startSession } from '../../storage/identity/sessions.ts';
import { newOpaqueToken, sha256 } from './opaque-tokens.ts';
import type { IdentityParts } from './parts.ts';

/** What a device gets to act for a user. Secrets: they travel in the body and are never logged or stored. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly sessionId: string;
}

/** Whom a session is opened for, once everything about the sign-in is proven. */
export interface Proven {
  readonly userId: string;
  readonly email: string;
  readonly role: Role;
  readonly withFactor: boolean;
  /** On another device than those before; not on the first one. */
  readonly onNewDevice: boolean;
}

/** Opens a session in the caller's transaction and issues its first tokens, to be handed out after the commit. */
export async function openSession(
  { newId, accessTokens, refreshLifetimeMs, record }: IdentityParts,
  tx: Db,
  { userId, email, role, withFactor, onNewDevice }: Proven,
  origin: Origin,
  at: Date,
): Promise<SessionTokens> {
  const sessionId = newId();
  const refreshToken = newOpaqueToken();
  await startSession(tx, {
    sessionId,
    userId,
    userAgent: origin.userAgent ?? '',
    ipAddress: origin.ipAddress,
    lastFactorAt: withFactor ? at : undefined,
    tokenHash: sha256(refreshToken),
    at,
    expiresAt: new Date(at.getTime() + refreshLifetimeMs),
  });
  const device = { ip_address: origin.ipAddress ?? null, user_agent: origin.userAgent ?? null };
  const payload = { email, ...device, new_device: onNewDevice };
  const event = { userId, type: 'user.logged_in', payload };
  const details = { factor: withFactor };
  await record(tx, {
    userId,
    action: 'session.login',
    resource: 'session',
    resourceId: sessionId,
    details,
    event,
    origin,
    at,
  });
  const accessToken = await accessTokens.sign({ userId, sessionId, role, serial: 1 });
  return { accessToken, refreshToken, expiresInSeconds: accessTokens.lifetimeSeconds, sessionId };
}
