import type { Server } from 'node:http';
import type { Config } from '../platform/config/config.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/telemetry.ts';
import type { Exchange } from '../services/exchange.ts';
import type { MarketDataService } from '../services/market-data/market-data.ts';
import { readOpenOrders } from '../services/market-data/open-orders.ts';
import type { OwnFeeds } from '../services/market-data/own-feeds.ts';
import { createGrpcMetrics } from './grpc/metrics.ts';
import { createGrpcServer, type GrpcServer } from './grpc/server.ts';
import { createServices } from './grpc/services.ts';
import { createOwnChannels } from './own-channels.ts';
import { presentOrder } from './present/order.ts';
import { presentBalances } from './present/wallet.ts';
import type { DoorDeps } from './rest/door.ts';
import { createCancelTimerHandlers } from './rest/handlers/cancel-timers.ts';
import { createLiabilityHandlers } from './rest/handlers/liabilities.ts';
import { createMarketDataHandlers } from './rest/handlers/market-data.ts';
import { createMarketHandlers } from './rest/handlers/markets.ts';
import { createOrderBatchHandlers } from './rest/handlers/order-batches.ts';
import { createOrderListHandlers } from './rest/handlers/order-lists.ts';
import { createOrderHandlers } from './rest/handlers/orders.ts';
import { createUserHandlers } from './rest/handlers/users.ts';
import { createInternalWalletHandlers, createWalletHandlers } from './rest/handlers/wallets.ts';
import { createChannels } from './ws/channels.ts';
import { attachWebSocket, type WebSocketDoor } from './ws/server.ts';

export interface LiveDoorsDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly exchange: Exchange;
  readonly metrics: Metrics;
  /** What this process follows of the markets, and for its users. */
  readonly marketData: MarketDataService;
  readonly ownFeeds: OwnFeeds;
}

/** The doors that stream. */
export interface LiveDoors {
  /** Serves `/ws` of the public HTTP door; to be closed before it. */
  readonly webSocket: WebSocketDoor;
  /** Not yet listening. */
  readonly grpc: GrpcServer;
}

/** Builds the WebSocket, on the public HTTP door, and the gRPC door, with the admission that REST has. */
export function createLiveDoors(publicServer: Server, door: DoorDeps, deps: LiveDoorsDeps): LiveDoors {
  const { config, log, exchange, metrics, marketData, ownFeeds } = deps;
  const { trading, ledger, identity } = exchange;
  const own = createOwnChannels({
    feeds: ownFeeds,
    openOrders: async (userId) => (await readOpenOrders(trading.orders, userId)).map(presentOrder),
    balances: async (userId) => presentBalances(await ledger.wallets.balances(userId)).items,
  });
  const services = createServices({
    users: createUserHandlers(identity.accounts),
    wallets: {
      ...createInternalWalletHandlers(ledger),
      ...createWalletHandlers(ledger, exchange.deposits),
      ...createLiabilityHandlers(exchange.liabilityProofs),
    },
    orders: {
      ...createOrderHandlers(trading),
      ...createOrderBatchHandlers(trading),
      ...createOrderListHandlers(trading),
      ...createCancelTimerHandlers(trading),
    },
    markets: createMarketHandlers(trading),
    books: createMarketDataHandlers(marketData),
    marketData,
    own,
  });
  return {
    webSocket: attachWebSocket(publicServer, {
      authenticate: door.authenticate,
      openChannel: createChannels({ marketData, own }),
      log,
      metrics,
      trustedProxies: door.trustedProxies,
    }),
    grpc: createGrpcServer({
      ...door,
      services,
      reflection: config.env === 'dev' || config.env === 'sandbox',
      metrics: createGrpcMetrics(metrics),
      log,
      limits: config.server,
    }),
  };
}
