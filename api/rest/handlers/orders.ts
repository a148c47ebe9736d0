import type { Input } from '../../../contract/operation.ts';
import type { orderOperations } from '../../../contract/orders.ts';
import type { OrderRequest } from '../../../domain/trading/placement.ts';
import type { TradingService } from '../../../services/trading/trading.ts';
import {
  presentCancelAll,
  presentFills,
  presentOrder,
  presentOrders,
  presentPlacement,
  presentPreventedMatches,
} from '../../present/order.ts';
import type { Handlers } from '../door.ts';
import { slashed } from '../../../domain/trading/symbol.ts';

/** Placing, amending, cancelling and reading a user's own orders. */
export const createOrderHandlers = ({
  placing,
  amending,
  cancelling,
  orders,
}: TradingService): Handlers<typeof orderOperations> => ({
  placeOrder: async ({ query, body }, { caller, idempotencyKey }) =>
    presentOrder(await placing.place(caller, toRequest(body), idempotencyKey, query.response)),
  testOrder: async ({ body }, { caller }) => presentPlacement(await placing.test(caller, toRequest(body))),
  async orders({ query }, { caller }) {
    const { symbol, status, side, start, end, cursor, limit } = query;
    const filter = { symbol: toSymbol(symbol), status, side, start: toDate(start), end: toDate(end), limit };
    return presentOrders(await orders.list(caller.userId, { ...filter, before: cursor }), limit);
  },
  order: async ({ params }, { caller }) => presentOrder(await orders.find(caller.userId, { orderId: params.order_id })),
  orderByClientId: async ({ params }, { caller }) =>
    presentOrder(await orders.find(caller.userId, { clientOrderId: params.client_order_id })),
  async amendOrder({ params, body: { quantity, price, stop_price: stopPrice } }, { caller, accepted }) {
    const amended = await amending.amend(caller, params.order_id, { quantity, price, stopPrice });
    const { order, commandId, isDone } = amended;
    if (!isDone) accepted(`/api/v1/orders/${order.orderId}`);
    return { ...presentOrder(order), command_id: commandId };
  },
  async cancelOrder({ params }, { caller, accepted }) {
    const { order, commandId, isDone } = await cancelling.cancel(caller.userId, params.order_id);
    if (!isDone) accepted(`/api/v1/orders/${order.orderId}`);
    return { ...presentOrder(order), command_id: commandId };
  },
  async cancelAllOrders({ query }, { caller, accepted }) {
    const commands = await cancelling.cancelAll(caller.userId, toSymbol(query.symbol));
    if (commands.some(({ isDone }) => !isDone)) accepted('/api/v1/orders');
    return presentCancelAll(commands);
  },
  async preventedMatches({ params, query: { limit, cursor } }, { caller }) {
    const matches = await orders.preventedMatches(caller.userId, params.order_id, { before: cursor, limit });
    return presentPreventedMatches(matches, limit);
  },
  async fills({ query: { symbol, limit, cursor } }, { caller }) {
    const filter = { symbol: toSymbol(symbol), before: cursor, limit };
    return presentFills(await orders.fills(caller.userId, filter), limit);
  },
});

const toSymbol = (symbol: string | undefined): string | undefined => symbol && slashed(symbol);

const toDate = (time: string | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));

/** An order as the wire has it, as the rules do. */
export const toRequest = (body: Input<typeof orderOperations.placeOrder>['body']): OrderRequest => ({
  symbol: body.symbol,
  side: body.side,
  orderType: body.order_type,
  timeInForce: body.time_in_force,
  quantity: body.quantity,
  quoteQuantity: body.quote_quantity,
  price: body.price,
  stopPrice: body.stop_price,
  postOnly: body.post_only,
  selfTradePrevention: body.self_trade_prevention,
  clientOrderId: body.client_order_id,
});
