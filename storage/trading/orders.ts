import { assetsOf } from '../../domain/ledger/ledger.ts';
import { shortestDecimal } from '../../domain/money.ts';
import type { Fill, Order, PreventedMatch } from '../../domain/trading/order.ts';
import type { Db } from '../db.ts';
import { preparedFile, sqlFile } from '../sql.ts';

const sql = {
  find: preparedFile('find-order.sql', import.meta.url),
  findMany: sqlFile('find-orders.sql', import.meta.url),
  list: sqlFile('list-orders.sql', import.meta.url),
  fills: sqlFile('list-fills.sql', import.meta.url),
  prevented: sqlFile('list-prevented-matches.sql', import.meta.url),
};

interface OrderRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly client_order_id: string | null;
  readonly order_list_id: string | null;
  readonly symbol: string;
  readonly side: Order['side'];
  readonly order_type: Order['orderType'];
  readonly time_in_force: Order['timeInForce'];
  readonly quantity: string | null;
  readonly quote_quantity: string | null;
  readonly price: string | null;
  readonly stop_price: string | null;
  readonly placed_quantity: string | null;
  readonly placed_price: string | null;
  readonly placed_stop_price: string | null;
  readonly post_only: boolean;
  readonly self_trade_prevention: Order['selfTradePrevention'];
  readonly status: Order['status'];
  readonly filled_quantity: string;
  readonly executed_quote: string;
  readonly fees: string;
  readonly prevented_quantity: string;
  readonly reason: string | null;
  readonly expires_at: Date | null;
  readonly triggered_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly filled_at: Date | null;
  readonly cancelled_at: Date | null;
}

/** An order's id: ours, or the one its owner gave it. */
export type OrderKey = { readonly orderId: string } | { readonly clientOrderId: string };

/** One order of a user, if there is such. */
export async function findOrder(db: Db, userId: string, key: OrderKey): Promise<Order | undefined> {
  const row = await db.oneOrNone<OrderRow>(sql.find({ orderId: null, clientOrderId: null, userId, ...key }));
  return row === null ? undefined : toOrder(row);
}

/** These orders by id, whosever they are: for those who know that already. */
export async function findOrders(db: Db, orderIds: readonly string[]): Promise<ReadonlyMap<string, Order>> {
  const rows = await db.manyOrNone<OrderRow>(sql.findMany, { orderIds });
  return new Map(rows.map((row) => [row.order_id, toOrder(row)]));
}

/** What to list. Undefined is no filter. */
export interface OrderFilter {
  readonly symbol: string | undefined;
  readonly status: Order['status'] | undefined;
  readonly side: Order['side'] | undefined;
  /** Placed at or after, and before. */
  readonly start: Date | undefined;
  readonly end: Date | undefined;
  /** Only orders older than this id. */
  readonly before: string | undefined;
  readonly limit: number;
}

/** A user's orders, newest first. */
export async function listOrders(db: Db, userId: string, filter: OrderFilter): Promise<readonly Order[]> {
  const { symbol = null, status = null, side = null, start = null, end = null, before = null, limit } = filter;
  const values = { userId, symbol, status, side, start, end, before, limit };
  return (await db.manyOrNone<OrderRow>(sql.list, values)).map(toOrder);
}

interface FillRow {
  readonly trade_id: string;
  readonly symbol: string;
  readonly trade_seq: string;
  readonly buyer_order_id: string;
  readonly seller_order_id: string;
  readonly price: string;
  readonly quantity: string;
  readonly buyer_fee: string;
  readonly seller_fee: string;
  readonly is_buyer_maker: boolean;
  readonly executed_at: Date;
  readonly is_buyer: boolean;
}

export type FillFilter = Pick<OrderFilter, 'symbol' | 'before' | 'limit'>;

/** A user's fills, newest first. */
export async function listFills(db: Db, userId: string, filter: FillFilter): Promise<readonly Fill[]> {
  const { symbol = null, before = null, limit } = filter;
  const rows = await db.manyOrNone<FillRow>(sql.fills, { userId, symbol, before, limit });
  return rows.map(toFill);
}

/** A page of what was prevented: only before this id, at most so many. */
export interface PreventedPage {
  readonly before?: string | undefined;
  readonly limit: number;
}

interface PreventedMatchRow {
  readonly prevented_match_id: string;
  readonly symbol: string;
  readonly maker_order_id: string;
  readonly taker_order_id: string;
  readonly price: string;
  readonly quantity: string;
  readonly self_trade_prevention: Order['selfTradePrevention'];
  readonly prevented_at: Date;
}

/** What was prevented of one order, whosever it is, newest first. */
export async function listPreventedMatches(
  db: Db,
  orderId: string,
  { before, limit }: PreventedPage,
): Promise<readonly PreventedMatch[]> {
  const rows = await db.manyOrNone<PreventedMatchRow>(sql.prevented, { orderId, before: before ?? null, limit });
  return rows.map((row) => ({
    preventedMatchId: row.prevented_match_id,
    symbol: row.symbol,
    makerOrderId: row.maker_order_id,
    takerOrderId: row.taker_order_id,
    price: shortestDecimal(row.price),
    quantity: shortestDecimal(row.quantity),
    selfTradePrevention: row.self_trade_prevention,
    preventedAt: row.prevented_at,
  }));
}

const toOrder = (row: OrderRow): Order => ({
  orderId: row.order_id,
  userId: row.user_id,
  clientOrderId: row.client_order_id ?? undefined,
  orderListId: row.order_list_id ?? undefined,
  symbol: row.symbol,
  side: row.side,
  orderType: row.order_type,
  timeInForce: row.time_in_force,
  quantity: trimOrNone(row.quantity),
  quoteQuantity: trimOrNone(row.quote_quantity),
  price: trimOrNone(row.price),
  stopPrice: trimOrNone(row.stop_price),
  ...placedTermsOf(row),
  postOnly: row.post_only,
  selfTradePrevention: row.self_trade_prevention,
  status: row.status,
  filledQuantity: shortestDecimal(row.filled_quantity),
  executedQuote: shortestDecimal(row.executed_quote),
  fees: shortestDecimal(row.fees),
  preventedQuantity: shortestDecimal(row.prevented_quantity),
  reason: row.reason ?? undefined,
  expiresAt: row.expires_at ?? undefined,
  triggeredAt: row.triggered_at ?? undefined,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  filledAt: row.filled_at ?? undefined,
  cancelledAt: row.cancelled_at ?? undefined,
});

/** Each of them that an order has is kept from its first amend on. */
function placedTermsOf(row: OrderRow): Pick<Order, 'placedTerms'> {
  const { placed_quantity: quantity, placed_price: price, placed_stop_price: stopPrice } = row;
  if (quantity === null && price === null && stopPrice === null) return {};
  const terms = { quantity: trimOrNone(quantity), price: trimOrNone(price), stopPrice: trimOrNone(stopPrice) };
  return { placedTerms: terms };
}

function toFill(row: FillRow): Fill {
  const { base, quote } = assetsOf(row.symbol);
  return {
    tradeId: row.trade_id,
    orderId: row.is_buyer ? row.buyer_order_id : row.seller_order_id,
    symbol: row.symbol,
    side: row.is_buyer ? 'BUY' : 'SELL',
    price: shortestDecimal(row.price),
    quantity: shortestDecimal(row.quantity),
    fee: shortestDecimal(row.is_buyer ? row.buyer_fee : row.seller_fee),
    feeAsset: row.is_buyer ? base : quote,
    isMaker: row.is_buyer === row.is_buyer_maker,
    tradeSeq: Number(row.trade_seq),
    executedAt: row.executed_at,
  };
}

const trimOrNone = (amount: string | null): string | undefined =>
  amount === null ? undefined : shortestDecimal(amount);
