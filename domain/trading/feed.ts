/**
 * What the matcher publishes of each committed batch. Amounts are decimal strings; sequences are the market's
 * `book_seq`, gapless.
 */
import { dashed } from './symbol.ts';

/** The stream of a market's changes: `market:BTC-USDT`, one entry a batch. */
export const marketStream = (symbol: string): string => `market:${dashed(symbol)}`;
/** The field of its entries that holds a MarketEntry as JSON. */
export const marketField = 'd';

/** Side, price, and the quantity that rests there now: "0" when the level is gone. */
export type LevelChange = readonly [side: 'BUY' | 'SELL', price: string, quantity: string];

export interface PublicTrade {
  readonly trade_id: string;
  readonly trade_seq: number;
  readonly price: string;
  readonly quantity: string;
  readonly quote_amount: string;
  /** The side of the order that came second. */
  readonly taker_side: 'BUY' | 'SELL';
  /** ISO 8601, UTC. */
  readonly executed_at: string;
}

export interface MarketBatch {
  /** The first and last book_seq of the batch; the changes between them are already merged. Empty: last < first. */
  readonly first_sequence: number;
  readonly last_sequence: number;
  readonly changes: readonly LevelChange[];
  readonly trades: readonly PublicTrade[];
}

/** A matcher has started: whoever follows the market begins anew with a snapshot. */
export interface MarketReset {
  readonly reset: number;
}

export type MarketEntry = MarketBatch | MarketReset;

/**
 * Payload of `order.open`, `order.partially_filled`, `order.amended`, … on `order.events`: where the order stands after
 * the batch.
 */
export interface OrderEvent {
  readonly order_id: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly status: string;
  readonly filled_quantity: string;
  readonly executed_quote: string;
  readonly prevented_quantity: string;
  readonly reason?: string;
  /** When its stop price came, of a stop that this batch triggered. */
  readonly triggered_at?: string;
  /** What it is now, of an order that this batch amended. */
  readonly amended?: OrderAmended;
  /** Of a leg of an order list. */
  readonly order_list_id?: string;
  readonly updated_at: string;
}

/** What an amend may change of an order, as far as the order has it, and whether it kept its place in line. */
export interface OrderAmended {
  readonly quantity?: string;
  readonly price?: string;
  readonly stop_price?: string;
  readonly kept_priority: boolean;
}

/** Payload of `trade.executed` on `trade.events`. */
export interface TradeEvent {
  readonly trade_id: string;
  readonly trade_seq: number;
  readonly symbol: string;
  readonly price: string;
  readonly quantity: string;
  readonly quote_amount: string;
  readonly buyer_order_id: string;
  readonly seller_order_id: string;
  readonly buyer_user_id: string;
  readonly seller_user_id: string;
  readonly buyer_fee: string;
  readonly seller_fee: string;
  readonly is_buyer_maker: boolean;
  readonly executed_at: string;
}
