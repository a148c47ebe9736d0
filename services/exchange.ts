import { createHash, hkdfSync } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config/config.ts';
import { createIds, type NewId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import type { Database } from '../storage/db.ts';
import { createIdempotencyService, type IdempotencyService } from './idempotency.ts';
import { createAccessTokens, type SigningKeys } from './identity/access-tokens.ts';
import { createIdentityService, type IdentityService } from './identity/identity.ts';
import { createPasswords } from './identity/passwords.ts';
import { createSecretBox } from './identity/secret-box.ts';
import { createSessionCache } from './identity/session-cache.ts';
import { createKick } from './outbox/kick.ts';

export interface ExchangeDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly db: Database;
  readonly redis: Redis;
}

/** Every use case of the exchange, wired together over the connections of one process. */
export interface Exchange {
  readonly newId: NewId;
  readonly idempotency: IdempotencyService;
  readonly identity: IdentityService;
  readonly jwks: () => object;
}

/** Builds the use cases. Opens no connection and starts nothing; the same for the doors, the workers and tests. */
export async function createExchange({ config, clock, db, redis }: ExchangeDeps): Promise<Exchange> {
  const newId = createIds(clock);
  const { auth, mail } = config;
  const accessTokens = await createAccessTokens({
    keys: signingKeys(config),
    issuer: auth.issuer,
    audience: auth.audience,
    lifetimeSeconds: auth.accessTokenExpiry / 1000,
    clock,
    newId,
  });
  const dataKey = Buffer.from(auth.dataKey.reveal(), 'base64');
  const identity = createIdentityService({
    db,
    clock,
    newId,
    passwords: await createPasswords({
      memoryKib: auth.argonMemoryKib,
      iterations: auth.argonPasses,
      parallelism: auth.argonLanes,
      concurrency: auth.argonConcurrency,
      queueLimit: 200,
    }),
    accessTokens,
    secretBox: createSecretBox(dataKey),
    sessions: createSessionCache({ db, monotonicMs: () => performance.now() }),
    refreshKey: derivedKey(dataKey, 'refresh tokens'),
    refreshLifetimeMs: auth.refreshTokenExpiry,
    publicUrl: mail.linkBase,
    kickOutbox: createKick(redis),
    onVerified: [],
    onTheft: [],
  });
  return { newId, idempotency: createIdempotencyService({ db, clock, newId }), identity, jwks: accessTokens.jwks };
}

function signingKeys({ auth, env }: Config): SigningKeys {
  if (auth.algorithm === 'HS256') return { algorithm: 'HS256', secret: auth.secret.reveal() };
  if (auth.privateKey !== undefined) {
    return { algorithm: 'EdDSA', privateKeys: [Buffer.from(auth.privateKey.reveal(), 'base64').toString()] };
  }
  if (env === 'dev') return { algorithm: 'EdDSA', privateKeys: [devSigningKey(auth.secret.reveal())] };
  throw new Error('JWT_PRIVATE_KEY must be set to sign with EdDSA.');
}

/** An Ed25519 key that follows from the development secret, so that all processes agree on it without a file. */
function devSigningKey(secret: string): string {
  const seed = createHash('sha256').update(secret).digest();
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}

/** One secret in configuration serves several purposes, each with a key of its own (HKDF, RFC 5869). */
const derivedKey = (key: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), purpose, 32));
