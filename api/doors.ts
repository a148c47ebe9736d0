import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createAsyncApi } from '../contract/asyncapi.ts';
import { createEventsAsyncApi } from '../contract/asyncapi-events.ts';
import { createOpenApi } from '../contract/openapi.ts';
import { devOperations, internalOperations, publicOperations } from '../contract/operations.ts';
import type { Config } from '../platform/config/config.ts';
import type { Logger } from '../platform/log.ts';
import type { RateLimiter } from '../platform/rate-limit.ts';
import type { Exchange } from '../services/exchange.ts';
import { createDataConverter } from '../temporal/client.ts';
import { createCodecHandler } from '../temporal/codec/codec-server.ts';
import type { LimitRules } from './admission.ts';
import { createLoadLimit } from './load-limit.ts';
import { createLiveDoors, type LiveDoors, type LiveDoorsDeps } from './live-doors.ts';
import { createDocsRoutes, createDocumentRoutes } from './rest/docs.ts';
import { createDoor, type DoorDeps } from './rest/door.ts';
import { createAdjustmentHandlers } from './rest/handlers/adjustments.ts';
import { createAdminKycHandlers } from './rest/handlers/admin-kyc.ts';
import { createAdminMarketHandlers } from './rest/handlers/admin-markets.ts';
import { createAuthHandlers } from './rest/handlers/auth.ts';
import { createCancelTimerHandlers } from './rest/handlers/cancel-timers.ts';
import { createDevHandlers } from './rest/handlers/dev.ts';
import { createKycHandlers } from './rest/handlers/kyc.ts';
import { createLiabilityHandlers } from './rest/handlers/liabilities.ts';
import { createMarketDataHandlers } from './rest/handlers/market-data.ts';
import { createMarketHandlers } from './rest/handlers/markets.ts';
import { createOrderBatchHandlers } from './rest/handlers/order-batches.ts';
import { createOrderListHandlers } from './rest/handlers/order-lists.ts';
import { createOrderHandlers } from './rest/handlers/orders.ts';
import { createUserHandlers } from './rest/handlers/users.ts';
import {
  createDevWalletHandlers,
  createInternalWalletHandlers,
  createWalletHandlers,
} from './rest/handlers/wallets.ts';
import { createWithdrawalHandlers } from './rest/handlers/withdrawals.ts';
import { createHealthRoutes, type HealthDeps } from './rest/health.ts';
import { createHttpMetrics } from './rest/middleware/observe.ts';
import { createPageRoutes } from './rest/page.ts';
import { createRestServer } from './rest/server.ts';

export interface DoorsDeps extends LiveDoorsDeps {
  readonly limiter: RateLimiter;
  readonly requireRightTime: DoorDeps['requireRightTime'];
  readonly health: Omit<HealthDeps, 'registry' | 'log'>;
}

/** The doors of one API process, not yet listening. */
export interface Doors extends LiveDoors {
  readonly public: Server;
  readonly internal: Server;
  /** What the Temporal UI and CLI read payloads through; development only. */
  readonly codec: Server | undefined;
}

/** Builds the doors over the use cases. */
export function createDoors(deps: DoorsDeps): Doors {
  const { config, log, exchange, metrics } = deps;
  const { server } = config;
  const door = doorDeps(deps);
  const common = {
    log,
    newId: exchange.newId,
    metrics: createHttpMetrics(metrics),
    corsOrigins: server.corsOrigins,
    limits: server,
    load: door.load,
  };
  const dev = config.env === 'dev';
  const health = { ...deps.health, log };
  const publicServer = createRestServer({
    ...common,
    routers: [
      createHealthRoutes({ ...health, registry: dev ? metrics.registry : undefined }),
      createDocsRoutes(documents(), exchange.jwks),
      createPageRoutes({ trading: dev || config.env === 'sandbox' }),
      createDoor(publicOperations, publicHandlers(deps), door),
    ],
  });
  return {
    ...createLiveDoors(publicServer, door, deps),
    public: publicServer,
    internal: createRestServer({
      ...common,
      routers: [
        createHealthRoutes({ ...health, registry: metrics.registry }),
        createDocumentRoutes(internalDocuments(dev)),
        createDoor(internalOperations, internalHandlers(exchange), door),
        ...(dev ? [createDevDoor(exchange, door)] : []),
      ],
    }),
    codec: dev ? createCodecServer(config, log) : undefined,
  };
}

const documents = () => ({
  openApi: createOpenApi('Pandora Exchange', publicOperations),
  asyncApi: createAsyncApi('Pandora Exchange'),
});

const internalDocuments = (dev: boolean) => ({
  openApi: createOpenApi('Pandora Exchange, internal', { ...internalOperations, ...(dev ? devOperations : {}) }),
  asyncApi: createEventsAsyncApi('Pandora Exchange, events'),
});

const publicHandlers = ({ exchange, marketData }: DoorsDeps) => ({
  ...createAuthHandlers(exchange.identity),
  ...createWalletHandlers(exchange.ledger, exchange.deposits),
  ...createLiabilityHandlers(exchange.liabilityProofs),
  ...createKycHandlers(exchange.compliance.cases),
  ...createWithdrawalHandlers(exchange.withdrawals),
  ...createMarketHandlers(exchange.trading),
  ...createOrderBatchHandlers(exchange.trading),
  ...createOrderListHandlers(exchange.trading),
  ...createCancelTimerHandlers(exchange.trading),
  ...createOrderHandlers(exchange.trading),
  ...createMarketDataHandlers(marketData),
});

const internalHandlers = (exchange: Exchange) => ({
  ...createInternalWalletHandlers(exchange.ledger),
  ...createAdminKycHandlers(exchange.compliance.decide),
  ...createAdjustmentHandlers(exchange.adjustments),
  ...createUserHandlers(exchange.identity.accounts),
  ...createAdminMarketHandlers(exchange.trading.marketDesk),
});

/** Development's short cuts are for tests and load generators, which limits would only slow down. */
const createDevDoor = (exchange: Exchange, door: DoorDeps) =>
  createDoor(
    devOperations,
    { ...createDevWalletHandlers(exchange.deposits), ...createDevHandlers(exchange.development) },
    { ...door, rules: { ...door.rules, enabled: false } },
  );

/** Everybody who reaches this machine's loopback may read payloads: good for development, and only mounted there. */
function createCodecServer({ temporal }: Config, log: Logger): Server {
  const [codec] = createDataConverter(temporal).payloadCodecs ?? [];
  if (codec === undefined) throw new Error('There is no payload codec to serve.');
  return createServer(createCodecHandler({ codec, origins: [temporal.uiUrl], authorize: async () => true, log }));
}

function doorDeps({ config, exchange, limiter, requireRightTime }: DoorsDeps): DoorDeps {
  const serviceToken = digest(config.auth.serviceToken.reveal());
  return {
    async authenticate(token, origin) {
      // Streams ask again and again: a wrong clock must not let their sessions expire.
      requireRightTime();
      return exchange.identity.authenticate(token, origin);
    },
    requireRightTime,
    load: createLoadLimit(config.server.maxActive),
    // Digests have one length, which is what a comparison in constant time needs.
    isServiceToken: (token) => timingSafeEqual(digest(token), serviceToken),
    limiter,
    rules: limitRules(config),
    trustedProxies: new Set(config.server.trustedProxies),
    idempotency: exchange.idempotency,
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const limitRules = ({ rateLimit }: Config): LimitRules => ({
  enabled: rateLimit.enabled,
  anonymous: { name: 'anonymous', limit: rateLimit.anonymousPerMinute, windowSeconds: 60 },
  general: { name: 'general', limit: rateLimit.userPerMinute, windowSeconds: 60 },
  orders: { name: 'orders', limit: rateLimit.ordersPerSecond, windowSeconds: 1 },
  cancels: { name: 'cancels', limit: rateLimit.cancelsPerSecond, windowSeconds: 1 },
});
