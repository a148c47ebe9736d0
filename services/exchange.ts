import { createHash, hkdfSync } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config/config.ts';
import { createIds, isUuidV7, type NewId } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import type { Database } from '../storage/db.ts';
import { bustTrade } from '../storage/trading/candles.ts';
import { findTrade, lastTradeSeq, listTradesAfter } from '../storage/trading/matching-trades.ts';
import { withdrawalHalts } from './books.ts';
import { createDevelopmentService, type DevelopmentService } from './development.ts';
import { createDraftOpener } from './compliance/cases.ts';
import { type ComplianceService, createComplianceService } from './compliance/compliance.ts';
import { createIdempotencyService, type IdempotencyService } from './idempotency.ts';
import { createAccessTokens, type SigningKeys } from './identity/access-tokens.ts';
import { createIdentityService, type IdentityService } from './identity/identity.ts';
import { createPasswords } from './identity/passwords.ts';
import { createSecretBox } from './identity/secret-box.ts';
import { createSessionCache } from './identity/session-cache.ts';
import { type Adjustments, createAdjustments } from './ledger/adjustments.ts';
import { type BreakCases, createBreakCases } from './ledger/break-cases.ts';
import { createLedgerService, type LedgerService } from './ledger/ledger.ts';
import { createLiabilityProofs, type LiabilityProofs } from './ledger/liability-proofs.ts';
import { createKick } from './outbox/kick.ts';
import { createDepositService, type DepositService } from './payments/deposits.ts';
import { createPriceOf } from './payments/price.ts';
import { createWithdrawalService, type Withdrawals } from './payments/withdrawals.ts';
import { createSettlementExceptions, type SettlementExceptions } from './settlement/exceptions.ts';
import { createSettlementService, type SettlementService } from './settlement/settlement.ts';
import { createTradingService, type TradingService } from './trading/trading.ts';

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
  readonly compliance: ComplianceService;
  readonly ledger: LedgerService;
  readonly liabilityProofs: LiabilityProofs;
  readonly breakCases: BreakCases;
  readonly adjustments: Adjustments;
  readonly settlement: SettlementService;
  readonly settlementExceptions: SettlementExceptions;
  readonly deposits: DepositService;
  readonly trading: TradingService;
  readonly withdrawals: Withdrawals;
  /** To be mounted where APP_ENV is dev, and nowhere else. */
  readonly development: DevelopmentService;
  readonly jwks: () => object;
}

/** Builds the use cases. Opens no connection and starts nothing; the same for the doors, the workers and tests. */
export async function createExchange({ config, log, clock, db, redis }: ExchangeDeps): Promise<Exchange> {
  const newId = createIds(clock);
  const monotonicMs = () => performance.now();
  const common = { db, clock, newId, kickOutbox: createKick(redis) };
  const accessTokens = await createTokens(config, common);
  const identity = createIdentityService({
    ...common,
    ...(await identityOptions(config)),
    accessTokens,
    sessions: createSessionCache({ db, monotonicMs }),
    onVerified: [createDraftOpener({ newId })],
  });
  const ledger = createLedgerService({ db, clock, newId, findTrade });
  const { assets, funds } = ledger;
  const trades = { listAfter: listTradesAfter, lastSeq: lastTradeSeq };
  const tradeDesk = { find: findTrade, bust: bustTrade };
  const trading = createTradingService({ db, redis, log, clock, newId, assets, monotonicMs, ...orderQueue(config) });
  const deposits = createDepositService({ ...common, assets, funds });
  const priceOf = createPriceOf(trading.markets, 'USDT');
  return {
    newId,
    idempotency: createIdempotencyService({
      ...common,
      // Callers that are no user place no orders.
      isUsedElsewhere: async (caller, key) => isUuidV7(caller) && trading.placing.knowsKey(caller, key),
    }),
    jwks: accessTokens.jwks,
    identity,
    compliance: createComplianceService({ ...common, identity, ...complianceOptions(config) }),
    ledger,
    liabilityProofs: createLiabilityProofs({ db, clock, log, keepMs: config.liabilities.keep }),
    breakCases: createBreakCases({ ...common, identity, halts: withdrawalHalts }),
    adjustments: createAdjustments({ ...common, identity, assets, ...adjustmentOptions(config) }),
    trading,
    settlement: createSettlementService({ ...common, log, trades }),
    settlementExceptions: createSettlementExceptions({ ...common, log, trades: tradeDesk, identity }),
    deposits,
    withdrawals: createWithdrawalService({ ...common, identity, assets, funds, priceOf, ...withdrawalOptions(config) }),
    development: createDevelopmentService({
      readyUsers: identity.readyUsers,
      deposits,
      inboxUrl: config.mail.inboxUrl,
    }),
  };
}

const createTokens = (config: Config, { clock, newId }: { readonly clock: Clock; readonly newId: NewId }) =>
  createAccessTokens({
    keys: signingKeys(config),
    issuer: config.auth.issuer,
    audience: config.auth.audience,
    lifetimeSeconds: config.auth.accessTokenExpiry / 1000,
    clock,
    newId,
  });

const identityOptions = async ({ auth, mail }: Config) => ({
  passwords: await createPasswords({
    memoryKib: auth.argonMemoryKib,
    iterations: auth.argonPasses,
    parallelism: auth.argonLanes,
    concurrency: auth.argonConcurrency,
    queueLimit: 200,
  }),
  secretBox: createSecretBox(dataKey(auth)),
  refreshKey: derivedKey(dataKey(auth), 'refresh tokens'),
  refreshLifetimeMs: auth.refreshTokenExpiry,
  publicUrl: mail.linkBase,
});

const complianceOptions = ({ kyc, temporal }: Config) => ({
  rules: {
    autoApproveBelow: kyc.autoApproveBelow,
    reminderAfterMs: kyc.reminderAfter,
    escalateAfterMs: kyc.escalateAfter,
  },
  deskMail: kyc.deskMail,
  uiUrl: temporal.uiUrl,
});

const withdrawalOptions = ({ auth, custody, kyc, mail, temporal, withdrawal }: Config) => ({
  rail: 'dev',
  confirmKey: derivedKey(dataKey(auth), 'withdrawal confirmations'),
  rules: {
    automaticUpTo: withdrawal.automaticUpTo,
    oneOfficerUpTo: withdrawal.oneOfficerUpTo,
    dailyLimit: withdrawal.dailyLimit,
    monthlyLimit: withdrawal.monthlyLimit,
    confirmWithinMs: withdrawal.confirmWithin,
    approveWithinMs: withdrawal.approveWithin,
    reminderAfterMs: withdrawal.reminderAfter,
    escalateAfterMs: withdrawal.escalateAfter,
    confirmations: custody.confirmations,
  },
  publicUrl: mail.linkBase,
  deskMail: kyc.deskMail,
  uiUrl: temporal.uiUrl,
});

const adjustmentOptions = ({ adjustment, kyc, temporal }: Config) => ({
  times: {
    approveWithinMs: adjustment.approveWithin,
    reminderAfterMs: adjustment.reminderAfter,
    escalateAfterMs: adjustment.escalateAfter,
  },
  deskMail: kyc.deskMail,
  uiUrl: temporal.uiUrl,
});

const orderQueue = ({ orders }: Config) => ({
  batchWindowMs: orders.batchWindow,
  batchSize: orders.batchSize,
  maxQueued: orders.maxQueued,
});

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

const dataKey = ({ dataKey: secret }: Config['auth']): Buffer => Buffer.from(secret.reveal(), 'base64');

/** One secret in configuration serves several purposes, each with a key of its own (HKDF, RFC 5869). */
const derivedKey = (key: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), purpose, 32));
