import { z } from 'zod';
import { candleIntervals } from '../domain/trading/candle.ts';
import { orderSides, orderStatuses } from '../domain/trading/order.ts';
import { Decimal, MarketSymbol, Timestamp, Uuid } from './common.ts';
import { Order } from './orders.ts';

const market = '[A-Z0-9]{2,12}-[A-Z0-9]{2,12}';
const publicChannel = `(depth|trades|ticker):${market}|candles:${market}:(${candleIntervals.join('|')})`;

/**
 * `depth:BTC-USDT`, `trades:BTC-USDT`, `ticker:BTC-USDT` and `candles:BTC-USDT:1m` are public, `orders` and `balances`
 * one's own.
 */
const Channel = z.string().regex(new RegExp(`^(${publicChannel}|orders|balances)$`), 'There is no such channel.');

const Channels = z.array(Channel).min(1).max(64);

/** What a client may send on the WebSocket. */
export const ClientMessage = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('auth'), token: z.string().min(1).max(4_096) }),
  z.strictObject({ op: z.literal('subscribe'), channels: Channels }),
  z.strictObject({ op: z.literal('unsubscribe'), channels: Channels }),
  z.strictObject({ op: z.literal('ping') }),
]);
export type ClientMessage = z.output<typeof ClientMessage>;

/** Why the server closes a WebSocket, beside the protocol's own codes. */
export const closeCodes = { restart: 1012, tryLater: 1013, login: 4401, tooSlow: 4408, limits: 4429 } as const;

const OrderChange = z.object({
  order_id: Uuid,
  symbol: MarketSymbol,
  side: z.enum(orderSides),
  status: z.enum(orderStatuses),
  filled_quantity: Decimal,
  executed_quote: Decimal,
  prevented_quantity: Decimal,
  reason: z.string().optional(),
  updated_at: Timestamp,
});

/** What the orders channel and StreamOrders send: what is open, then what changes. */
export const OrdersEvent = z.object({
  type: z.enum(['snapshot', 'update', 'reset']),
  cursor: z.string().optional().meta({ description: 'Where an update stands among the events' }),
  data: z.object({ orders: z.array(Order), changes: z.array(OrderChange) }),
});
export type OrdersEvent = z.input<typeof OrdersEvent>;
