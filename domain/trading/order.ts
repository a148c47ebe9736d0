import { divide, formatDecimal, parseDecimal } from '../money.ts';

export const orderSides = ['BUY', 'SELL'] as const;
export type OrderSide = (typeof orderSides)[number];

export const orderTypes = ['LIMIT', 'MARKET', 'STOP', 'STOP_LIMIT'] as const;
export type OrderType = (typeof orderTypes)[number];

export const timesInForce = ['GTC', 'IOC', 'FOK', 'DAY'] as const;
export type TimeInForce = (typeof timesInForce)[number];

/** Which of two orders of one user gives way when they would trade with each other; the taker's setting counts. */
export const selfTradePreventions = ['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'] as const;
export type SelfTradePrevention = (typeof selfTradePreventions)[number];

export const orderStatuses = [
  'PENDING',
  'OPEN',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELLED',
  'REJECTED',
  'EXPIRED',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

const finalStatuses: ReadonlySet<OrderStatus> = new Set(['FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED']);

/** Nothing changes an order once it is final. */
export const isFinal = (status: OrderStatus): boolean => finalStatuses.has(status);

/** An order as its owner sees it. Amounts are decimal strings. */
export interface Order {
  readonly orderId: string;
  readonly userId: string;
  readonly clientOrderId: string | undefined;
  /** The list it is a leg of. */
  readonly orderListId: string | undefined;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly orderType: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: string | undefined;
  readonly quoteQuantity: string | undefined;
  readonly price: string | undefined;
  /** The trade price that makes a STOP a market order, or a STOP_LIMIT a limit order. */
  readonly stopPrice: string | undefined;
  /** What these were when it was placed, once an amend has changed them. */
  readonly placedTerms?: Pick<Order, 'quantity' | 'price' | 'stopPrice'>;
  readonly postOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  readonly status: OrderStatus;
  readonly filledQuantity: string;
  readonly executedQuote: string;
  /** In the asset received: base for a buy, quote for a sell. */
  readonly fees: string;
  readonly preventedQuantity: string;
  /** Why it was rejected, cancelled or expired. */
  readonly reason: string | undefined;
  readonly expiresAt: Date | undefined;
  /** When its stop price came; a stop that is OPEN without it waits. */
  readonly triggeredAt: Date | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly filledAt: Date | undefined;
  readonly cancelledAt: Date | undefined;
}

/** One order's share of a trade. */
export interface Fill {
  readonly tradeId: string;
  readonly orderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly isMaker: boolean;
  readonly tradeSeq: number;
  readonly executedAt: Date;
}

/** Two orders of one user that would have traded, at the maker's price. */
export interface PreventedMatch {
  readonly preventedMatchId: string;
  readonly symbol: string;
  readonly makerOrderId: string;
  readonly takerOrderId: string;
  readonly price: string;
  readonly quantity: string;
  /** The taker's: it says which of the two lost the quantity. */
  readonly selfTradePrevention: SelfTradePrevention;
  readonly preventedAt: Date;
}

/** What was paid for each unit filled, rounded down to 8 decimals; undefined while nothing is. */
export function averagePrice({ executedQuote, filledQuantity }: Order): string | undefined {
  const filled = parseDecimal(filledQuantity, amountScale);
  if (filled === 0n) return undefined;
  const paid = parseDecimal(executedQuote, amountScale);
  return formatDecimal(divide(paid * 10n ** 8n, filled, 'down'), 8);
}

/** No asset has more decimals. */
const amountScale = 18;

/** An order as placing it answered: its first terms, and PENDING. A repeat gets the same, whatever came since. */
export const asPlaced = ({ placedTerms, ...order }: Order): Order => ({
  ...order,
  ...placedTerms,
  status: 'PENDING',
  filledQuantity: '0',
  executedQuote: '0',
  fees: '0',
  preventedQuantity: '0',
  reason: undefined,
  updatedAt: order.createdAt,
  triggeredAt: undefined,
  filledAt: undefined,
  cancelledAt: undefined,
});
