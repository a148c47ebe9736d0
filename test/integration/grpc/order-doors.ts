import { createOrderService } from '../../../api/grpc/services.ts';
import { createOwnChannels } from '../../../api/own-channels.ts';
import { presentOrder } from '../../../api/present/order.ts';
import { createDoor } from '../../../api/rest/door.ts';
import { createCancelTimerHandlers } from '../../../api/rest/handlers/cancel-timers.ts';
import { createOrderBatchHandlers } from '../../../api/rest/handlers/order-batches.ts';
import { createOrderListHandlers } from '../../../api/rest/handlers/order-lists.ts';
import { createOrderHandlers } from '../../../api/rest/handlers/orders.ts';
import { createHttpMetrics } from '../../../api/rest/middleware/observe.ts';
import { listen } from '../../../api/listen.ts';
import { createRestServer } from '../../../api/rest/server.ts';
import { cancelTimerOperations } from '../../../contract/cancel-timers.ts';
import { orderBatchOperations } from '../../../contract/order-batches.ts';
import { orderListOperations } from '../../../contract/order-lists.ts';
import { orderOperations } from '../../../contract/orders.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Caller } from '../../../domain/identity/user.ts';
import { createLoadLimit } from '../../../api/load-limit.ts';
import { silentLogger } from '../../../platform/log.ts';
import { createMetrics } from '../../../platform/telemetry.ts';
import { readOpenOrders } from '../../../services/market-data/open-orders.ts';
import { startOwnFeeds } from '../../../services/market-data/own-feeds.ts';
import { createKit, type Kit } from '../trading/kit.ts';
import { connect, openGrpc, type Rpc } from './kit.ts';

export interface OrderDoors {
  readonly kit: Kit;
  readonly orders: Rpc;
  readonly rest: string;
  /** Users whose session is over, and those who are not verified. */
  readonly ended: Set<string>;
  readonly unverified: Set<string>;
  readonly close: () => Promise<void>;
}

/** The REST and gRPC doors to the orders of one exchange, where tokens are user ids. */
export async function openOrderDoors(): Promise<OrderDoors> {
  const kit = await createKit();
  const [ended, unverified] = [new Set<string>(), new Set<string>()];
  const authenticate = async (userId: string): Promise<Caller> => {
    if (ended.has(userId)) throw new DomainError('UNAUTHENTICATED', 'This session has ended.');
    const kycStatus = unverified.has(userId) ? 'pending' : 'verified';
    return { userId, sessionId: userId, role: 'user', kycStatus, lastFactorAt: undefined };
  };
  const feeds = startOwnFeeds({ redis: kit.redis, log: silentLogger, now: Date.now });
  const own = createOwnChannels({
    feeds,
    openOrders: async (userId) => (await readOpenOrders(kit.trading.orders, userId)).map(presentOrder),
    balances: async () => [],
  });
  const handlers = {
    ...createOrderHandlers(kit.trading),
    ...createOrderBatchHandlers(kit.trading),
    ...createOrderListHandlers(kit.trading),
    ...createCancelTimerHandlers(kit.trading),
  };
  const services = { OrderService: createOrderService({ orders: handlers, own }) };
  const { server, address } = await openGrpc(services, { authenticate, recheckMs: 50, maxWaiting: 20 });
  const orders = connect(address, 'OrderService');
  const rule = { name: 'none', limit: 1, windowSeconds: 1 };
  const operations = {
    ...orderBatchOperations,
    ...orderListOperations,
    ...cancelTimerOperations,
    ...orderOperations,
  };
  const door = createDoor(operations, handlers, {
    authenticate,
    isServiceToken: () => false,
    requireRightTime: () => undefined,
    load: createLoadLimit(500),
    limiter: { take: () => Promise.reject(new Error('The limits are off')) },
    rules: { enabled: false, anonymous: rule, general: rule, orders: rule, cancels: rule },
    trustedProxies: new Set(),
    idempotency: { once: (_request, run) => run() },
  });
  const http = createRestServer({
    routers: [door],
    log: silentLogger,
    newId: () => 'request',
    metrics: createHttpMetrics(createMetrics()),
    corsOrigins: [],
    limits: { requestTimeout: 30_000, headersTimeout: 10_000, idleTimeout: 60_000, maxConnections: 1_000 },
    load: createLoadLimit(500),
  });
  return {
    kit,
    orders,
    rest: `http://127.0.0.1:${await listen(http, 0, '127.0.0.1')}/api/v1`,
    ended,
    unverified,
    async close() {
      orders.close();
      http.close();
      await server.close(500);
      await feeds.stop();
      await kit.close();
    },
  };
}

export const buy = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '50000', quantity: '0.01' };

/** An order as the proto package writes it. */
export const toProto = ({ side, order_type, ...fields }: Record<string, unknown>) => ({
  ...fields,
  ...(typeof side === 'string' ? { side: `ORDER_SIDE_${side}` } : {}),
  ...(typeof order_type === 'string' ? { order_type: `ORDER_TYPE_${order_type}` } : {}),
});
