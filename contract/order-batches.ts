import { z } from 'zod';
import { Problem, Uuid } from './common.ts';
import { operation } from './operation.ts';
import { CancelledOrder, Order, OrderRequest } from './orders.ts';

/** How many orders one request may place or cancel. */
export const largestBatch = 50;

const listOf = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(largestBatch);

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const [firstId, secondId] = ['019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f', '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e50'];
const placedExample = {
  order_id: firstId,
  user_id: '019a9e6e-0000-7d31-b4b5-0a4b1d2c3e4f',
  client_order_id: 'bid-1',
  order_list_id: null,
  symbol: 'BTC/USDT',
  side: 'BUY',
  order_type: 'LIMIT',
  time_in_force: 'GTC',
  quantity: '0.01',
  quote_quantity: null,
  price: '50000',
  stop_price: null,
  post_only: false,
  self_trade_prevention: 'EXPIRE_TAKER',
  status: 'PENDING',
  filled_quantity: '0',
  executed_quote: '0',
  prevented_quantity: '0',
  average_price: null,
  fees: '0',
  reject_reason: null,
  expires_at: null,
  triggered_at: null,
  created_at: '2026-01-05T09:30:00.000Z',
  updated_at: '2026-01-05T09:30:00.000Z',
  filled_at: null,
  cancelled_at: null,
};
const badPrice = 'The price must be a multiple of 0.01.';

const PlaceOrdersAnswer = z
  .object({
    items: z
      .array(z.object({ order: Order.optional(), problem: Problem.optional() }))
      .meta({ description: 'For each order in turn: the order placed, or why it was not' }),
  })
  .meta({
    id: 'PlaceOrdersAnswer',
    examples: [
      {
        items: [
          { order: placedExample },
          {
            problem: {
              type: '/problems/INVALID_PRICE',
              title: 'Invalid price',
              status: 422,
              code: 'INVALID_PRICE',
              detail: badPrice,
              errors: [{ pointer: '/orders/1/price', code: 'INVALID_PRICE', detail: badPrice }],
              trace_id: traceId,
            },
          },
        ],
      },
    ],
  });

const CancelOrdersAnswer = z
  .object({
    items: z
      .array(
        z.object({
          order: CancelledOrder.optional(),
          done: z.boolean().optional().meta({ description: 'False while the cancel is still on its way' }),
          problem: Problem.optional(),
        }),
      )
      .meta({ description: 'For each id in turn: the order as it is now, or why it cannot be cancelled' }),
  })
  .meta({
    id: 'CancelOrdersAnswer',
    examples: [
      {
        items: [
          { order: { ...placedExample, status: 'CANCELLED', reject_reason: 'USER', command_id: secondId }, done: true },
          {
            problem: {
              type: '/problems/ORDER_NOT_FOUND',
              title: 'Order not found',
              status: 404,
              code: 'ORDER_NOT_FOUND',
              detail: 'You have no order with this id.',
              trace_id: traceId,
            },
          },
        ],
      },
    ],
  });

/** Many orders in one request, each with its own result. Their paths go before `/orders/{order_id}`. */
export const orderBatchOperations = {
  placeOrders: operation({
    method: 'POST',
    path: '/orders/batch',
    tag: 'orders',
    summary: 'Place up to 50 orders, each with its own result; a limit counts each of them',
    access: 'user',
    bucket: 'orders',
    idempotency: 'repeatable',
    body: z.strictObject({ orders: listOf(OrderRequest) }).meta({
      id: 'OrderBatch',
      examples: [
        {
          orders: [
            {
              client_order_id: 'bid-1',
              symbol: 'BTC/USDT',
              side: 'BUY',
              order_type: 'LIMIT',
              quantity: '0.01',
              price: '50000',
            },
            { symbol: 'BTC/USDT', side: 'SELL', order_type: 'LIMIT', quantity: '0.01', price: '52000.001' },
          ],
        },
      ],
    }),
    looseBody: z.strictObject({ orders: listOf(z.unknown()) }),
    status: 200,
    reply: PlaceOrdersAnswer,
    refusals: ['KYC_REQUIRED'],
  }),
  cancelOrders: operation({
    method: 'DELETE',
    path: '/orders/batch',
    tag: 'orders',
    summary: 'Cancel up to 50 orders, each with its own result; a limit counts each of them',
    access: 'user',
    bucket: 'cancels',
    body: z
      .strictObject({ order_ids: listOf(Uuid) })
      .meta({ id: 'CancelBatch', examples: [{ order_ids: [firstId, secondId] }] }),
    looseBody: z.strictObject({ order_ids: listOf(z.unknown()) }),
    status: 200,
    reply: CancelOrdersAnswer,
  }),
};
