import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import {
  calculateJwkThumbprint,
  errors,
  exportJWK,
  type JSONWebKeySet,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  SignJWT,
} from 'jose';
import { DomainError, invariant } from '../../domain/errors.ts';
import { type Role, roles } from '../../domain/identity/user.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';

/** What an access token says. The role is a hint for others: our own doors take it from the session. */
export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
  /** The serial of the refresh token issued beside it; its first use confirms that token. */
  readonly serial: number;
}

export interface VerifiedClaims extends AccessClaims {
  readonly expiresAt: Date;
}

export type SigningKeys =
  /** PKCS#8 PEM of Ed25519 keys: the first signs, all verify, so that keys rotate without a logout. */
  | { readonly algorithm: 'EdDSA'; readonly privateKeys: readonly [string, ...string[]] }
  /** At least 32 characters. */
  | { readonly algorithm: 'HS256'; readonly secret: string };

export interface AccessTokenOptions {
  readonly keys: SigningKeys;
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  readonly clock: Clock;
  readonly newId: NewId;
}

export interface AccessTokens {
  readonly lifetimeSeconds: number;
  sign(claims: AccessClaims): Promise<string>;
  /** Checks signature, algorithm, type and every claim. Throws UNAUTHENTICATED without saying which one failed. */
  verify(token: string): Promise<VerifiedClaims>;
  /** The public keys others verify with; empty for HS256. */
  jwks(): JSONWebKeySet;
}

interface KeyRing {
  readonly signing: { readonly kid: string; readonly key: KeyObject | Uint8Array };
  readonly byKid: ReadonlyMap<string, KeyObject | Uint8Array>;
  readonly published: JSONWebKeySet;
}

const clockToleranceSeconds = 5;
const tokenType = 'at+jwt';

/** Signs and verifies access tokens (JWT, RFC 9068), one pinned algorithm per deployment (RFC 8725). */
export async function createAccessTokens(options: AccessTokenOptions): Promise<AccessTokens> {
  const { issuer, audience, lifetimeSeconds, clock, newId } = options;
  const { algorithm } = options.keys;
  const ring = await openKeyRing(options.keys);
  const keyOf: JWTVerifyGetKey = ({ kid }) => {
    const key = kid === undefined ? undefined : ring.byKid.get(kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  const checks: JWTVerifyOptions = {
    algorithms: [algorithm],
    issuer,
    audience,
    typ: tokenType,
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp', 'nbf', 'iat', 'jti', 'sub', 'sid', 'role', 'rts'],
  };

  return {
    lifetimeSeconds,
    sign({ userId, sessionId, role, serial }) {
      const now = Math.floor(clock().getTime() / 1000);
      return new SignJWT({ sid: sessionId, role, rts: serial })
        .setProtectedHeader({ alg: algorithm, kid: ring.signing.kid, typ: tokenType })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(newId())
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(ring.signing.key);
    },
    async verify(token) {
      const { payload } = await jwtVerify(token, keyOf, { ...checks, currentDate: clock() }).catch(refuseToken);
      return readClaims(payload);
    },
    jwks: () => ring.published,
  };
}

async function openKeyRing(keys: SigningKeys): Promise<KeyRing> {
  if (keys.algorithm === 'HS256') {
    invariant(keys.secret.length >= 32, 'the HS256 secret has at least 32 characters');
    const key = Buffer.from(keys.secret);
    const kid = 'hs256';
    return { signing: { kid, key }, byKid: new Map([[kid, key]]), published: { keys: [] } };
  }
  const pairs = await Promise.all(
    keys.privateKeys.map(async (pem) => {
      const privateKey = createPrivateKey(pem);
      invariant(privateKey.asymmetricKeyType === 'ed25519', 'signing keys are Ed25519');
      const publicKey = createPublicKey(privateKey);
      const jwk = await exportJWK(publicKey);
      const kid = await calculateJwkThumbprint(jwk);
      return { kid, privateKey, publicKey, jwk: { ...jwk, kid, use: 'sig', alg: keys.algorithm } };
    }),
  );
  const [first] = pairs;
  invariant(first !== undefined, 'there is a signing key');
  return {
    signing: { kid: first.kid, key: first.privateKey },
    byKid: new Map(pairs.map(({ kid, publicKey }) => [kid, publicKey])),
    published: { keys: pairs.map(({ jwk }) => jwk) },
  };
}

function refuseToken(error: unknown): never {
  if (error instanceof errors.JOSEError) throw unauthenticated();
  throw error;
}

const unauthenticated = (): DomainError =>
  new DomainError('UNAUTHENTICATED', 'The access token is not valid. Sign in or refresh it.');

function readClaims(payload: Readonly<Record<string, unknown>>): VerifiedClaims {
  const { sub, sid, role, rts, exp } = payload;
  const known = roles.find((name) => name === role);
  if (typeof sub !== 'string' || typeof sid !== 'string' || typeof rts !== 'number' || typeof exp !== 'number') {
    throw unauthenticated();
  }
  if (known === undefined) throw unauthenticated();
  return { userId: sub, sessionId: sid, role: known, serial: rts, expiresAt: new Date(exp * 1000) };
}
