import type { CommittedTrade } from '../../domain/ledger/ledger.ts';
import type { Db } from '../db.ts';
import { preparedFile, sqlFile } from '../sql.ts';

const sql = {
  after: preparedFile('matching-trades-after.sql', import.meta.url),
  find: sqlFile('matching-find-trade.sql', import.meta.url),
  tradedSymbols: sqlFile('matching-traded-symbols.sql', import.meta.url),
  lastSeq: sqlFile('matching-last-trade-seq.sql', import.meta.url),
  orderless: sqlFile('matching-orderless.sql', import.meta.url),
};

interface TradeRow {
  readonly trade_id: string;
  readonly symbol: string;
  readonly trade_seq: string;
  readonly buyer_order_id: string;
  readonly seller_order_id: string;
  readonly buyer_user_id: string;
  readonly seller_user_id: string;
  readonly base_amount: string;
  readonly quote_amount: string;
  readonly buyer_fee: string;
  readonly seller_fee: string;
  readonly buyer_release: string;
  readonly executed_at: Date;
  readonly buyer_reservation_id: string;
  readonly seller_reservation_id: string;
}

/** A market's committed trades after `seq`, in order and gapless, at most `limit`. */
export async function listTradesAfter(
  db: Db,
  symbol: string,
  seq: number,
  limit: number,
): Promise<readonly CommittedTrade[]> {
  const rows = await db.manyOrNone<TradeRow>(sql.after({ symbol, seq, limit }));
  return rows.map(toTrade);
}

/** A trade by id. */
export async function findTrade(db: Db, tradeId: string): Promise<CommittedTrade | undefined> {
  const row = await db.oneOrNone<TradeRow>(sql.find, { tradeId });
  return row === null ? undefined : toTrade(row);
}

/** The newest trade_seq of a market; 0 before its first trade. */
export async function lastTradeSeq(db: Db, symbol: string): Promise<number> {
  return Number((await db.one<{ last_seq: string }>(sql.lastSeq, { symbol })).last_seq);
}

/** A trade, and an order it names that is missing. */
export interface Orderless {
  readonly tradeId: string;
  readonly orderId: string;
}

/** The trades of a market after trade_seq `after`, up to `upTo`, one of whose orders is missing. */
export async function listOrderless(
  db: Db,
  symbol: string,
  after: number,
  upTo: number,
): Promise<readonly Orderless[]> {
  const rows = await db.manyOrNone<{ trade_id: string; order_id: string }>(sql.orderless, { symbol, after, upTo });
  return rows.map(({ trade_id, order_id }) => ({ tradeId: trade_id, orderId: order_id }));
}

/** The markets that have trades. */
export async function listTradedSymbols(db: Db): Promise<readonly string[]> {
  const rows = await db.manyOrNone<{ symbol: string }>(sql.tradedSymbols);
  return rows.map(({ symbol }) => symbol);
}

const toTrade = (row: TradeRow): CommittedTrade => ({
  tradeId: row.trade_id,
  symbol: row.symbol,
  tradeSeq: Number(row.trade_seq),
  buyerOrderId: row.buyer_order_id,
  sellerOrderId: row.seller_order_id,
  buyerReservationId: row.buyer_reservation_id,
  sellerReservationId: row.seller_reservation_id,
  buyerUserId: row.buyer_user_id,
  sellerUserId: row.seller_user_id,
  baseAmount: row.base_amount,
  quoteAmount: row.quote_amount,
  buyerFee: row.buyer_fee,
  sellerFee: row.seller_fee,
  buyerRelease: row.buyer_release,
  executedAt: row.executed_at,
});
