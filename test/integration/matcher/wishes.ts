import { randomInt } from 'node:crypto';
import type { Redis } from 'ioredis';
import { assetsOf } from '../../../domain/ledger/ledger.ts';
import { commandField, type PlacedOrder, writeCommand } from '../../../domain/trading/command.ts';
import type { Db } from '../../../storage/db.ts';
import { newId, stream, symbol } from './market.ts';

/** What a test says of an order; prices in ticks of 0.01 USDT, quantities in lots of 0.0001 BTC. */
export interface Wish {
  readonly user?: string;
  readonly side: 'BUY' | 'SELL';
  readonly ticks: number;
  readonly lots: number;
  readonly orderType?: PlacedOrder['orderType'];
  /** Of a STOP or STOP_LIMIT. */
  readonly stopTicks?: number;
  /** Ticks × lots a MARKET or STOP buy may spend, in place of `lots`, which is 0 then. */
  readonly budget?: number;
  readonly timeInForce?: 'GTC' | 'IOC' | 'FOK';
  readonly selfTradePrevention?: PlacedOrder['selfTradePrevention'];
  /** Makes it a DAY order that ends then, milliseconds. */
  readonly expiresAt?: number;
}

const lotsPerUnit = 10_000;
const ticksPerUnit = 100;
const units = (count: number, per: number): string => (count / per).toFixed(8);

const usual = { LIMIT: 'GTC', MARKET: 'IOC', STOP: 'IOC', STOP_LIMIT: 'GTC' } as const;

/** The order a wish is for; of a random user unless it says whose. */
export function orderOf(wish: Wish, users: readonly string[]): PlacedOrder {
  const orderType = wish.orderType ?? 'LIMIT';
  return {
    orderId: newId(),
    userId: wish.user ?? users[randomInt(users.length)]!,
    side: wish.side,
    orderType,
    timeInForce: wish.expiresAt === undefined ? (wish.timeInForce ?? usual[orderType]) : 'DAY',
    postOnly: false,
    selfTradePrevention: wish.selfTradePrevention ?? 'EXPIRE_TAKER',
    lots: wish.lots,
    limitTicks: wish.ticks,
    stopTicks: wish.stopTicks ?? 0,
    reserveTicks: wish.side === 'BUY' && wish.budget === undefined ? wish.ticks : 0,
    budget: wish.budget ?? 0,
    createdAt: Date.now(),
    expiresAt: wish.expiresAt ?? 0,
    makerBps: 10,
    takerBps: 20,
    stepsVersion: 1,
  };
}

/** Commits them PENDING with their reservations, as the order batcher does. */
export async function storeOrders(db: Db, orders: readonly PlacedOrder[], market: string = symbol): Promise<void> {
  const { base } = assetsOf(market);
  await db.none(storeText, [market, JSON.stringify(orders.map((order) => storedForm(order, base)))]);
}

const storeText = `
  WITH entry AS (
      SELECT * FROM jsonb_to_recordset($2::jsonb) AS entry (
          order_id uuid, user_id uuid, side text, order_type text, time_in_force text, mode text, quantity numeric,
          price numeric, protection numeric, reserve numeric, asset text, amount numeric, at timestamptz,
          expires_at timestamptz, quote numeric, stop numeric)
  ), reserved AS (
      SELECT ledger.reserve(array_agg(order_id), 'order', array_agg(user_id), array_agg(asset), array_agg(amount),
                            array_agg('ORDER'::text), now()) AS granted
        FROM entry
  )
  INSERT INTO trading.orders (order_id, user_id, symbol, side, order_type, time_in_force, quantity, price,
                              protection_price, reserve_price, reserved_amount, maker_bps, taker_bps, post_only,
                              self_trade_prevention, status, created_at, updated_at, expires_at, quote_quantity,
                              stop_price)
  SELECT order_id, user_id, $1, side::trading.order_side_enum, order_type::trading.order_type_enum,
         time_in_force::trading.time_in_force_enum, quantity, price, protection, reserve, amount, 10, 20, false,
         mode, 'PENDING', at, at, expires_at, quote, stop
    FROM entry, reserved
   WHERE NOT false = ANY (granted)`;

const storedForm = (order: PlacedOrder, base: string): object => {
  const price = units(order.limitTicks, ticksPerUnit);
  const isBuy = order.side === 'BUY';
  const hasLimit = order.orderType === 'LIMIT' || order.orderType === 'STOP_LIMIT';
  const spends = units(order.limitTicks * order.lots + order.budget, ticksPerUnit * lotsPerUnit);
  return {
    order_id: order.orderId,
    user_id: order.userId,
    side: order.side,
    order_type: order.orderType,
    time_in_force: order.timeInForce,
    mode: order.selfTradePrevention,
    quantity: order.budget > 0 ? null : units(order.lots, lotsPerUnit),
    quote: order.budget > 0 ? spends : null,
    price: hasLimit ? price : null,
    protection: hasLimit ? null : price,
    stop: order.stopTicks === 0 ? null : units(order.stopTicks, ticksPerUnit),
    reserve: isBuy && order.budget === 0 ? price : null,
    asset: isBuy ? 'USDT' : base,
    amount: isBuy ? spends : units(order.lots, lotsPerUnit),
    at: new Date(order.createdAt).toISOString(),
    expires_at: order.expiresAt === 0 ? null : new Date(order.expiresAt).toISOString(),
  };
};

/** Sends them to the matcher, or into another stream. */
export async function sendOrders(redis: Redis, orders: readonly PlacedOrder[], to: string = stream): Promise<void> {
  const pipeline = redis.pipeline();
  for (const order of orders) pipeline.xadd(to, '*', commandField, writeCommand({ kind: 'PLACE', order }));
  await pipeline.exec();
}
