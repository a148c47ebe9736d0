import type { Placement } from '../../domain/trading/placement.ts';
import type { Db } from '../db.ts';
import { preparedFile, sqlFile } from '../sql.ts';

const placeOrdersSql = preparedFile('place-orders.sql', import.meta.url);
const findPlacedSql = sqlFile('find-placed.sql', import.meta.url);

/** An order that the rules allow, about to be placed. */
export interface NewOrder {
  /** UUIDv7; its millisecond is createdAt. */
  readonly orderId: string;
  readonly userId: string;
  readonly clientOrderId: string | undefined;
  /** What makes placing it safe to repeat: the client's id, or what stands for an Idempotency-Key. */
  readonly callerKey: string | undefined;
  readonly contentHash: string;
  readonly placement: Placement;
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
}

/** Two orders of which one cancels the other, about to be placed with one reservation. */
export interface NewList {
  /** UUIDv7; its millisecond is createdAt. */
  readonly orderListId: string;
  readonly userId: string;
  readonly clientOrderListId: string | undefined;
  readonly callerKey: string | undefined;
  readonly contentHash: string;
  readonly limit: NewOrder;
  readonly stop: NewOrder;
  /** That of its legs that reserves for both. */
  readonly reserving: Placement;
  readonly createdAt: Date;
}

/** What one caller places in one go. */
export type NewEntry = NewOrder | NewList;

export const isList = (entry: NewEntry): entry is NewList => 'orderListId' in entry;

export type PlacingOutcome =
  | { readonly outcome: 'PLACED' }
  /** The same was placed before, under this id. */
  | { readonly outcome: 'KNOWN'; readonly orderId: string }
  /** Something else was placed under the caller's key. */
  | { readonly outcome: 'CONFLICT' }
  | { readonly outcome: 'INSUFFICIENT_FUNDS' };

const idOf = (entry: NewEntry): string => (isList(entry) ? entry.orderListId : entry.orderId);
const reservingOf = (entry: NewEntry): Placement => (isList(entry) ? entry.reserving : entry.placement);

/**
 * Places orders and lists in one statement: all that their funds allow, judged in the order given. One outcome each,
 * in that order. See trading.place_orders() for what it locks. `at` is now.
 */
export async function placeOrders(db: Db, entries: readonly NewEntry[], at: Date): Promise<readonly PlacingOutcome[]> {
  const lists = entries.filter(isList);
  const statement = placeOrdersSql({
    orderIds: entries.map(idOf),
    userIds: entries.map(({ userId }) => userId),
    callerIds: entries.map(({ callerKey }) => callerKey ?? null),
    contentHashes: entries.map(({ contentHash }) => contentHash),
    reserveAssets: entries.map((entry) => reservingOf(entry).reserveAsset),
    reserveAmounts: entries.map((entry) => reservingOf(entry).reserveAmount),
    reserveReasons: entries.map((entry) => `${reservingOf(entry).side}_ORDER`),
    orders: JSON.stringify(entries.flatMap(toRows)),
    lists: lists.length === 0 ? null : JSON.stringify(lists.map(toListRow)),
    at,
  });
  const rows = await db.manyOrNone<{ order_id: string; outcome: PlacingOutcome['outcome'] }>(statement);
  return rows.map(({ order_id, outcome }) => (outcome === 'KNOWN' ? { outcome, orderId: order_id } : { outcome }));
}

/** What a user's key stands for already: an order, or an order list. */
export interface PlacedBefore {
  readonly orderId: string;
  readonly contentHash: string;
  /** The code of a lasting refusal; else the order was placed. */
  readonly refusal: string | undefined;
}

/** What a user placed under a key, if it still counts. */
export async function findPlaced(
  db: Db,
  userId: string,
  callerKey: string,
  at: Date,
): Promise<PlacedBefore | undefined> {
  const row = await db.oneOrNone<{ order_id: string; content_hash: string; refusal: string | null }>(findPlacedSql, {
    userId,
    callerKey,
    at,
  });
  if (row === null) return undefined;
  return { orderId: row.order_id, contentHash: row.content_hash, refusal: row.refusal ?? undefined };
}

/** A row of trading.order_lists. */
const toListRow = ({ orderListId, userId, clientOrderListId, limit, stop, createdAt }: NewList): object => ({
  order_list_id: orderListId,
  user_id: userId,
  client_order_list_id: clientOrderListId,
  symbol: limit.placement.symbol,
  limit_order_id: limit.orderId,
  stop_order_id: stop.orderId,
  created_at: createdAt,
});

const toRows = (entry: NewEntry): readonly object[] =>
  isList(entry)
    ? [entry.limit, entry.stop].map((leg) => ({ ...toRow(leg), order_list_id: entry.orderListId }))
    : [toRow(entry)];

/** A row of trading.orders; columns left out are null. */
const toRow = ({ orderId, userId, clientOrderId, placement, createdAt, expiresAt }: NewOrder): object => ({
  order_id: orderId,
  user_id: userId,
  client_order_id: clientOrderId,
  symbol: placement.symbol,
  side: placement.side,
  order_type: placement.orderType,
  time_in_force: placement.timeInForce,
  quantity: placement.quantity,
  quote_quantity: placement.quoteQuantity,
  price: placement.price,
  stop_price: placement.stopPrice,
  post_only: placement.postOnly,
  self_trade_prevention: placement.selfTradePrevention,
  status: 'PENDING',
  filled_quantity: 0,
  executed_quote: 0,
  fees: 0,
  prevented_quantity: 0,
  protection_price: placement.protectionPrice,
  reserve_price: placement.reservePrice,
  reserved_amount: placement.reserveAmount,
  maker_bps: placement.makerBps,
  taker_bps: placement.takerBps,
  expires_at: expiresAt,
  version: 1,
  created_at: createdAt,
  updated_at: createdAt,
});
