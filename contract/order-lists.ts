import { z } from 'zod';
import { Decimal, MarketSymbol, Timestamp, Uuid } from './common.ts';
import { operation } from './operation.ts';
import { ClientOrderId, Order, OrderRequest, placingRefusals } from './orders.ts';

const OrderListLeg = OrderRequest.pick({
  order_type: true,
  time_in_force: true,
  price: true,
  stop_price: true,
  post_only: true,
  self_trade_prevention: true,
}).meta({ id: 'OrderListLeg' });

const OrderList = z
  .object({
    order_list_id: Uuid,
    client_order_list_id: z.string().nullable(),
    symbol: MarketSymbol,
    side: Order.shape.side,
    quantity: Decimal,
    orders: z.array(Order).length(2).meta({ description: 'The limit order, then the stop' }),
    created_at: Timestamp,
  })
  .meta({ id: 'OrderList' });

const CancelledOrderList = OrderList.extend({ command_id: Uuid }).meta({ id: 'CancelledOrderList' });

const params = z.object({ order_list_id: Uuid });

/** Two orders of which one cancels the other. */
export const orderListOperations = {
  placeOrderList: operation({
    method: 'POST',
    path: '/order-lists',
    tag: 'orders',
    summary: 'Place two orders of which one cancels the other (OCO); a limit counts both',
    access: 'user',
    bucket: 'orders',
    cost: 2,
    idempotency: 'handled',
    body: z
      .strictObject({
        symbol: MarketSymbol,
        side: OrderRequest.shape.side,
        quantity: Decimal.meta({ description: 'Of both: only one of them trades' }),
        orders: z
          .array(OrderListLeg)
          .length(2)
          .meta({ description: 'A LIMIT order (GTC or DAY) and a STOP or STOP_LIMIT, with the market between them' }),
        client_order_list_id: ClientOrderId.optional().meta({
          description: 'Your own id: the same list sent again under it is placed once',
        }),
      })
      .meta({
        id: 'OrderListRequest',
        examples: [
          {
            symbol: 'BTC/USDT',
            side: 'SELL',
            quantity: '0.01',
            orders: [
              { order_type: 'LIMIT', price: '52000' },
              { order_type: 'STOP', stop_price: '48000' },
            ],
          },
        ],
      }),
    status: 201,
    reply: OrderList,
    refusals: [...placingRefusals, 'INSUFFICIENT_FUNDS', 'IDEMPOTENCY_CONFLICT', 'ORDER_ARCHIVED'],
  }),
  orderList: operation({
    method: 'GET',
    path: '/order-lists/{order_list_id}',
    tag: 'orders',
    summary: 'One of my order lists, with its orders as they are now',
    access: 'user',
    params,
    status: 200,
    reply: OrderList,
    refusals: ['ORDER_NOT_FOUND'],
  }),
  cancelOrderList: operation({
    method: 'DELETE',
    path: '/order-lists/{order_list_id}',
    tag: 'orders',
    summary: 'Cancel what is open of a list: 200 once it is cancelled, 202 while the cancel is still on its way',
    access: 'user',
    bucket: 'cancels',
    params,
    status: 200,
    reply: CancelledOrderList,
    maybeLater: true,
    refusals: ['ORDER_NOT_FOUND', 'ORDER_NOT_OPEN'],
  }),
};
