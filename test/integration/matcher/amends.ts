import type { Redis } from 'ioredis';
import {
  commandField,
  type OrderAmend,
  type OrderTerms,
  type PlacedOrder,
  writeCommand,
} from '../../../domain/trading/command.ts';
import type { Db } from '../../../storage/db.ts';
import { amendOf, type AmendWish, termsOf } from '../../matcher/engine/commands.ts';
import { newId, stream, symbol } from './market.ts';

export interface AmendOptions {
  /** What the order is by now, when it is not as it was placed. */
  readonly from?: OrderTerms;
  readonly user?: string;
  readonly sent?: boolean;
}

/** Commits amends with what they need reserved, as the door does. */
export async function commitAmends(db: Db, amends: readonly OrderAmend[]): Promise<void> {
  const rows = amends.map((amend) => ({
    id: amend.commandId,
    order_id: amend.orderId,
    user_id: amend.userId,
    content: writeCommand({ kind: 'AMEND', ...amend }),
    asset: amend.side === 'BUY' ? 'USDT' : 'BTC',
    amount: amend.side === 'BUY' ? amend.funds / 1_000_000 : amend.funds / 10_000,
  }));
  await db.many(putAmends, [symbol, JSON.stringify(rows)]);
}

/** Commits an amend of an order as it is known to be, and sends it unless told otherwise. */
export async function sendAmend(
  { db, redis }: { readonly db: Db; readonly redis: Redis },
  order: PlacedOrder,
  wish: Partial<AmendWish>,
  { from = termsOf(order), user: userId = order.userId, sent = true }: AmendOptions = {},
): Promise<OrderAmend> {
  const amend = { ...amendOf(order, from, wish), commandId: newId(), userId, side: order.side, stepsVersion: 1 };
  await commitAmends(db, [amend]);
  if (sent) await redis.xadd(stream, '*', commandField, writeCommand({ kind: 'AMEND', ...amend }));
  return amend;
}

const putAmends = `
  SELECT is_kept
    FROM (SELECT array_agg(id) AS ids, array_agg($1::text) AS symbols, array_agg(order_id) AS orders,
                 array_agg(user_id) AS users, array_agg(content) AS contents, array_agg(asset) AS assets,
                 array_agg(amount) AS amounts
            FROM jsonb_to_recordset($2::jsonb)
                 AS row (id uuid, order_id uuid, user_id uuid, content text, asset text, amount numeric)) AS asked,
         trading.put_amends(ids, symbols, orders, users, contents, assets, amounts, now())`;

/** What an order holds, and what was reserved for it and for its amends. */
export interface Held {
  readonly status: string;
  readonly quantity: string;
  readonly price: string;
  readonly filled: string;
  readonly version: string;
  readonly remaining: string;
  readonly state: string;
}

export const heldBy = (db: Db, orderId: string): Promise<Held> =>
  db.one<Held>(
    `SELECT orders.status, trim_scale(quantity)::text AS quantity, trim_scale(price)::text AS price,
            trim_scale(filled_quantity)::text AS filled, version, trim_scale(remaining)::text AS remaining, state
       FROM trading.orders JOIN ledger.reservations ON reservation_id = order_id WHERE order_id = $1`,
    [orderId],
  );

/** What became of an amend and of what was reserved for it; null: nothing was. */
export const amendNow = (db: Db, { commandId }: OrderAmend) =>
  db.one<{ outcome: string | null; remaining: string | null; state: string | null }>(
    `SELECT outcome, trim_scale(remaining)::text AS remaining, state
       FROM trading.commands LEFT JOIN ledger.reservations ON reservation_id = command_id WHERE command_id = $1`,
    [commandId],
  );
