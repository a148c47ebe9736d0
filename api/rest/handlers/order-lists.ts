import type { Input, Reply } from '../../../contract/operation.ts';
import type { orderListOperations } from '../../../contract/order-lists.ts';
import { invariant } from '../../../domain/errors.ts';
import type { LegRequest, OrderList } from '../../../domain/trading/order-list.ts';
import type { TradingService } from '../../../services/trading/trading.ts';
import { presentOrder } from '../../present/order.ts';
import type { Handlers } from '../door.ts';

/** Two orders of which one cancels the other. */
export const createOrderListHandlers = ({
  orderLists,
}: Pick<TradingService, 'orderLists'>): Handlers<typeof orderListOperations> => ({
  async placeOrderList({ body }, { caller, idempotencyKey }) {
    const { symbol, side, quantity, client_order_list_id: clientOrderListId } = body;
    const [first, second] = body.orders.map(toLeg);
    invariant(first !== undefined && second !== undefined, 'the body was validated');
    const request = { symbol, side, quantity, orders: [first, second] as const, clientOrderListId };
    return present(await orderLists.place(caller, request, idempotencyKey));
  },
  orderList: async ({ params }, { caller }) => present(await orderLists.find(caller.userId, params.order_list_id)),
  async cancelOrderList({ params }, { caller, accepted }) {
    const { list, commandId, isDone } = await orderLists.cancel(caller.userId, params.order_list_id);
    if (!isDone) accepted(`/api/v1/order-lists/${list.orderListId}`);
    return { ...present(list), command_id: commandId };
  },
});

type Leg = Input<typeof orderListOperations.placeOrderList>['body']['orders'][number];

const toLeg = (leg: Leg): LegRequest => ({
  orderType: leg.order_type,
  timeInForce: leg.time_in_force,
  price: leg.price,
  stopPrice: leg.stop_price,
  postOnly: leg.post_only,
  selfTradePrevention: leg.self_trade_prevention,
});

const present = (list: OrderList): Reply<typeof orderListOperations.orderList> => ({
  order_list_id: list.orderListId,
  client_order_list_id: list.clientOrderListId ?? null,
  symbol: list.symbol,
  side: list.side,
  quantity: list.quantity,
  orders: list.orders.map(presentOrder),
  created_at: list.createdAt.toISOString(),
});
