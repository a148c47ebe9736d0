import { z } from 'zod';
import { orderSides, orderStatuses, orderTypes, selfTradePreventions, timesInForce } from '../domain/trading/order.ts';
import { AssetCode, Decimal, Limit, MarketSymbol, page, SymbolInPath, Timestamp, Uuid } from './common.ts';
import { operation } from './operation.ts';

export const ClientOrderId = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,100}$/, 'Use 1 to 100 letters, digits or any of _ . : -')
  .meta({ id: 'ClientOrderId', description: 'Your own id: the same order sent again under it is placed once' });

const Side = z.enum(orderSides);
const Type = z.enum(orderTypes);
const TimeInForce = z.enum(timesInForce);
const SelfTradePrevention = z.enum(selfTradePreventions);

export const OrderRequest = z
  .strictObject({
    symbol: MarketSymbol,
    side: Side,
    order_type: Type,
    time_in_force: TimeInForce.optional().meta({
      description: 'When left out: GTC for LIMIT and STOP_LIMIT, IOC for MARKET and STOP',
    }),
    quantity: Decimal.optional(),
    quote_quantity: Decimal.optional().meta({
      description: 'For MARKET and STOP buys: what to spend, instead of quantity',
    }),
    price: Decimal.optional(),
    stop_price: Decimal.optional().meta({
      description: 'For STOP and STOP_LIMIT: they wait until a trade is at it or beyond (a buy: above, a sell: below)',
    }),
    post_only: z.boolean().optional(),
    self_trade_prevention: SelfTradePrevention.optional().meta({ description: 'EXPIRE_TAKER when left out' }),
    client_order_id: ClientOrderId.optional(),
  })
  .meta({
    id: 'OrderRequest',
    examples: [{ symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', quantity: '0.01', price: '50000' }],
  });

export const Order = z
  .object({
    order_id: Uuid,
    user_id: Uuid,
    client_order_id: z.string().nullable(),
    order_list_id: Uuid.nullable(),
    symbol: MarketSymbol,
    side: Side,
    order_type: Type,
    time_in_force: TimeInForce,
    quantity: Decimal.nullable(),
    quote_quantity: Decimal.nullable(),
    price: Decimal.nullable(),
    stop_price: Decimal.nullable(),
    post_only: z.boolean(),
    self_trade_prevention: SelfTradePrevention,
    status: z.enum(orderStatuses),
    filled_quantity: Decimal,
    executed_quote: Decimal,
    prevented_quantity: Decimal,
    average_price: Decimal.nullable(),
    fees: Decimal.meta({ description: 'In the asset received: base for a buy, quote for a sell' }),
    reject_reason: z.string().nullable().meta({ description: 'Why it was rejected, cancelled or expired' }),
    expires_at: Timestamp.nullable(),
    triggered_at: Timestamp.nullable().meta({ description: 'When its stop price came; a stop without it still waits' }),
    created_at: Timestamp,
    updated_at: Timestamp,
    filled_at: Timestamp.nullable(),
    cancelled_at: Timestamp.nullable(),
  })
  .meta({ id: 'Order' });

const AmendRequest = z
  .strictObject({
    quantity: Decimal.optional().meta({ description: 'In all, what is filled included' }),
    price: Decimal.optional(),
    stop_price: Decimal.optional().meta({ description: 'Of a stop that still waits' }),
  })
  .refine((changes) => Object.values(changes).some((change) => change !== undefined), {
    message: 'Send what is to change: quantity, price or stop_price.',
  })
  .meta({ id: 'AmendRequest', minProperties: 1, examples: [{ quantity: '0.02', price: '50100' }] });

const AmendedOrder = Order.extend({ command_id: Uuid }).meta({ id: 'AmendedOrder' });

export const CancelledOrder = Order.extend({ command_id: Uuid }).meta({ id: 'CancelledOrder' });

const CancelAllAnswer = page(
  z.object({
    command_id: Uuid,
    symbol: MarketSymbol,
    done: z.boolean().meta({ description: 'False while the cancel is still on its way' }),
  }),
).meta({ id: 'CancelAllAnswer' });

const OrderTest = z
  .object({
    time_in_force: TimeInForce,
    self_trade_prevention: SelfTradePrevention,
    reserve_asset: AssetCode,
    reserve_amount: Decimal,
    protection_price: Decimal.nullable().meta({ description: 'The worst price a MARKET or STOP order may trade at' }),
    maker_fee_bps: z.number().int(),
    taker_fee_bps: z.number().int(),
  })
  .meta({ id: 'OrderTest' });

const Fill = z
  .object({
    trade_id: Uuid,
    order_id: Uuid,
    symbol: MarketSymbol,
    side: Side,
    price: Decimal,
    quantity: Decimal,
    fee: Decimal,
    fee_asset: AssetCode,
    is_maker: z.boolean(),
    trade_seq: z.number().int(),
    executed_at: Timestamp,
  })
  .meta({ id: 'Fill' });

const PreventedMatch = z
  .object({
    prevented_match_id: Uuid,
    symbol: MarketSymbol,
    maker_order_id: Uuid,
    taker_order_id: Uuid,
    price: Decimal.meta({ description: 'The maker’s: what they would have traded at' }),
    quantity: Decimal,
    self_trade_prevention: SelfTradePrevention.meta({
      description: 'The taker’s: EXPIRE_TAKER took the quantity from the taker, EXPIRE_MAKER from the maker, else both',
    }),
    prevented_at: Timestamp,
  })
  .meta({ id: 'PreventedMatch' });

/** Symbols come as in paths, or as on the wire. */
const SymbolFilter = z.union([SymbolInPath, MarketSymbol]).optional();
/** Cursors of these lists are ids. */
const IdCursor = Uuid.optional();

export const placingRefusals = [
  'KYC_REQUIRED',
  'MARKET_NOT_FOUND',
  'MARKET_NOT_ACTIVE',
  'MARKET_POST_ONLY',
  'INVALID_PRICE',
  'INVALID_QUANTITY',
  'MIN_NOTIONAL',
  'PRICE_OUT_OF_BAND',
] as const;

export const orderOperations = {
  placeOrder: operation({
    method: 'POST',
    path: '/orders',
    tag: 'orders',
    summary: 'Place an order; once answered it is committed with its reservation',
    access: 'user',
    bucket: 'orders',
    idempotency: 'handled',
    query: z.strictObject({
      response: z
        .enum(['ack', 'result'])
        .default('ack')
        .meta({ description: 'ack: once committed. result: once matched, or after a second, as the order is then' }),
    }),
    body: OrderRequest,
    status: 201,
    reply: Order,
    refusals: [...placingRefusals, 'INSUFFICIENT_FUNDS', 'IDEMPOTENCY_CONFLICT', 'ORDER_ARCHIVED'],
  }),
  testOrder: operation({
    method: 'POST',
    path: '/orders/test',
    tag: 'orders',
    summary: 'Validate an order and what it would reserve, without placing it',
    access: 'user',
    bucket: 'orders',
    idempotency: 'own',
    body: OrderRequest,
    status: 200,
    reply: OrderTest,
    refusals: placingRefusals,
  }),
  orders: operation({
    method: 'GET',
    path: '/orders',
    tag: 'orders',
    summary: 'My orders, newest first',
    access: 'user',
    query: z.strictObject({
      symbol: SymbolFilter,
      status: z.enum(orderStatuses).optional(),
      side: Side.optional(),
      start: Timestamp.optional(),
      end: Timestamp.optional(),
      limit: Limit,
      cursor: IdCursor,
    }),
    status: 200,
    reply: page(Order),
  }),
  order: operation({
    method: 'GET',
    path: '/orders/{order_id}',
    tag: 'orders',
    summary: 'One of my orders',
    access: 'user',
    params: z.object({ order_id: Uuid }),
    status: 200,
    reply: Order,
    refusals: ['ORDER_NOT_FOUND'],
  }),
  orderByClientId: operation({
    method: 'GET',
    path: '/orders/by-client-id/{client_order_id}',
    tag: 'orders',
    summary: 'One of my orders, by the id I gave it',
    access: 'user',
    params: z.object({ client_order_id: ClientOrderId }),
    status: 200,
    reply: Order,
    refusals: ['ORDER_NOT_FOUND'],
  }),
  amendOrder: operation({
    method: 'PATCH',
    path: '/orders/{order_id}',
    tag: 'orders',
    summary: 'Change an open order: 200 once it is changed, 202 while the amend is still on its way',
    access: 'user',
    bucket: 'orders',
    params: z.object({ order_id: Uuid }),
    body: AmendRequest,
    status: 200,
    reply: AmendedOrder,
    maybeLater: true,
    refusals: [
      ...placingRefusals,
      'INSUFFICIENT_FUNDS',
      'ORDER_NOT_FOUND',
      'ORDER_NOT_OPEN',
      'ORDER_CHANGED',
      'ORDER_IN_LIST',
      'POST_ONLY_WOULD_TAKE',
      'STOP_WOULD_TRIGGER',
    ],
  }),
  cancelOrder: operation({
    method: 'DELETE',
    path: '/orders/{order_id}',
    tag: 'orders',
    summary: 'Cancel an order: 200 once it is cancelled, 202 while the cancel is still on its way',
    access: 'user',
    bucket: 'cancels',
    params: z.object({ order_id: Uuid }),
    status: 200,
    reply: CancelledOrder,
    maybeLater: true,
    refusals: ['ORDER_NOT_FOUND', 'ORDER_NOT_OPEN'],
  }),
  cancelAllOrders: operation({
    method: 'DELETE',
    path: '/orders',
    tag: 'orders',
    summary: 'Cancel all my orders, in one market or everywhere; 202 while some are still on their way',
    access: 'user',
    bucket: 'cancels',
    query: z.strictObject({ symbol: SymbolFilter }),
    status: 200,
    reply: CancelAllAnswer,
    maybeLater: true,
    refusals: ['MARKET_NOT_FOUND'],
  }),
  preventedMatches: operation({
    method: 'GET',
    path: '/orders/{order_id}/prevented-matches',
    tag: 'orders',
    summary: 'What self-trade prevention kept one of my orders from, newest first',
    access: 'user',
    params: z.object({ order_id: Uuid }),
    query: z.strictObject({ limit: Limit, cursor: IdCursor }),
    status: 200,
    reply: page(PreventedMatch),
    refusals: ['ORDER_NOT_FOUND'],
  }),
  fills: operation({
    method: 'GET',
    path: '/trades',
    tag: 'orders',
    summary: 'What I traded, newest first',
    access: 'user',
    query: z.strictObject({ symbol: SymbolFilter, limit: Limit, cursor: IdCursor }),
    status: 200,
    reply: page(Fill),
  }),
};
