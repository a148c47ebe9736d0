import { z } from 'zod';
import { candleIntervals } from '../domain/trading/candle.ts';
import { noticeTypes } from '../domain/notices.ts';
import { orderSides, orderStatuses } from '../domain/trading/order.ts';
import { Decimal, MarketSymbol, Problem, Timestamp, Uuid } from './common.ts';
import { CandlesEvent, DepthEvent, TickerEvent, TradesEvent } from './market-data.ts';
import { Order } from './orders.ts';
import { Balance } from './wallets.ts';

const market = '[A-Z0-9]{2,12}-[A-Z0-9]{2,12}';

/**
 * `depth:BTC-USDT`, `trades:BTC-USDT`, `ticker:BTC-USDT` and `candles:BTC-USDT:1m` are public, `orders`, `balances` and
 * `notifications` one's own.
 */
const channelPatterns = {
  depth: `depth:${market}`,
  trades: `trades:${market}`,
  ticker: `ticker:${market}`,
  candles: `candles:${market}:(${candleIntervals.join('|')})`,
  orders: 'orders',
  balances: 'balances',
  notifications: 'notifications',
} as const;

const Channel = z
  .string()
  .regex(new RegExp(`^(${Object.values(channelPatterns).join('|')})$`), 'There is no such channel.')
  .meta({ id: 'Channel', examples: ['depth:BTC-USDT', 'candles:BTC-USDT:1m', 'orders'] });

const Channels = z.array(Channel).min(1).max(64);

const Resume = z
  .string()
  .max(100)
  .meta({ description: 'The last `cursor` of `orders` that you have seen: the channel goes on from there' });

/** What StreamOrders is asked for with. */
export const ResumeRequest = z.strictObject({ resume: Resume.optional() });

/** What a client may send on the WebSocket. */
export const ClientMessage = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('auth'), token: z.string().min(1).max(4_096) }),
  z.strictObject({ op: z.literal('subscribe'), channels: Channels, resume: Resume.optional() }),
  z.strictObject({ op: z.literal('unsubscribe'), channels: Channels }),
  z.strictObject({ op: z.literal('ping') }),
]);
export type ClientMessage = z.output<typeof ClientMessage>;

/** Why the server closes a WebSocket, beside the protocol's own codes. */
export const closeCodes = { restart: 1012, tryLater: 1013, login: 4401, tooSlow: 4408, limits: 4429 } as const;

/** Where an order stands after what happened. */
export const OrderChange = z.object({
  order_id: Uuid,
  symbol: MarketSymbol,
  side: z.enum(orderSides),
  status: z.enum(orderStatuses),
  filled_quantity: Decimal,
  executed_quote: Decimal,
  prevented_quantity: Decimal,
  reason: z.string().optional(),
  triggered_at: Timestamp.optional().meta({ description: 'When its stop price came, in the change that says so' }),
  amended: z
    .object({
      quantity: Decimal.optional(),
      price: Decimal.optional(),
      stop_price: Decimal.optional(),
      kept_priority: z.boolean().meta({ description: 'True when only its quantity became less' }),
    })
    .optional()
    .meta({ id: 'OrderAmended', description: 'What it is now, in the change that an amend made' }),
  order_list_id: Uuid.optional().meta({ description: 'Of a leg of an order list' }),
  updated_at: Timestamp,
});

/** What the orders channel and StreamOrders send: what is open, then what changes. */
export const OrdersEvent = z.object({
  type: z.enum(['snapshot', 'update', 'reset']),
  cursor: z.string().optional().meta({ description: 'To resume by, up to a day later' }),
  resumed: z.boolean().optional().meta({
    description: 'After `resume`: true with what you missed, false with a snapshot in its place',
  }),
  data: z.object({ orders: z.array(Order), changes: z.array(OrderChange) }),
});
export type OrdersEvent = z.input<typeof OrdersEvent>;

/** What the balances channel sends: all that the caller has. */
const BalancesEvent = z.object({ type: z.enum(['snapshot', 'update']), data: z.array(Balance) });

const Notice = z
  .object({
    notice_id: Uuid.meta({ description: 'The same when a notice comes twice' }),
    type: z.enum(noticeTypes),
    created_at: Timestamp,
    details: z
      .record(z.string(), z.string().nullable())
      .meta({ description: 'What it is about, by its type: ids, assets, amounts, states' }),
  })
  .meta({ id: 'Notice' });

/** What the notifications channel sends: nothing at first, then what happens to the account. */
const NotificationsEvent = z.object({
  type: z
    .enum(['snapshot', 'update', 'reset'])
    .meta({ description: 'Snapshot and reset are empty; a reset says that notices may have been missed' }),
  data: z.array(Notice),
});

/** The answer to each client message, in the order they came. */
const Answer = z.object({
  op: z.string().meta({ description: 'That of the message; `unknown` when it could not be read' }),
  ok: z.boolean(),
  error: Problem.pick({ code: true, detail: true, errors: true }).optional().meta({ description: 'Why not' }),
});

const on = <Shape extends z.ZodRawShape>(kind: keyof typeof channelPatterns, event: z.ZodObject<Shape>) =>
  event.extend({ channel: z.string().regex(new RegExp(`^${channelPatterns[kind]}$`)) });

/** What a client may be sent on the WebSocket. */
export const serverMessages = {
  answer: Answer,
  depth: on('depth', DepthEvent),
  trades: on('trades', TradesEvent),
  ticker: on('ticker', TickerEvent),
  candles: on('candles', CandlesEvent),
  orders: on('orders', OrdersEvent),
  balances: on('balances', BalancesEvent),
  notifications: on('notifications', NotificationsEvent),
  serverShutdown: z.object({ type: z.literal('server_shutdown'), seconds_left: z.number().int().min(0) }),
} as const;
