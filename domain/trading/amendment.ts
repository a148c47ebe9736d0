import { DomainError } from '../errors.ts';
import { parseDecimal } from '../money.ts';
import type { OrderTerms, PlacedOrder } from './command.ts';
import { type Market, priceOf, quantityOf, quoteAmountOf } from './market.ts';
import {
  judgeOrder,
  judgeStatus,
  judgeWorth,
  type OrderRequest,
  readField,
  readLots,
  refuseField,
} from './placement.ts';

/** What of an order is to change. Amounts are decimal strings as they came. */
export type AmendRequest = Partial<Pick<OrderRequest, 'quantity' | 'price' | 'stopPrice'>>;

/** An order that is not final, as an amend is judged by. */
export interface AmendableOrder extends PlacedOrder {
  readonly symbol: string;
  /** What is executed or prevented of it: nothing is reserved for that any more. */
  readonly goneLots: number;
  /** Whether it is a stop whose price has come. */
  readonly isTriggered: boolean;
}

/** An amend that the market's rules allow. */
export interface Amendment {
  readonly from: OrderTerms;
  readonly to: OrderTerms;
  /** What it may need beside what the order has reserved: ticks × lots for a buy, lots for a sell. */
  readonly funds: number;
  /** The same for the ledger. */
  readonly reserveAsset: string;
  readonly reserveAmount: string;
}

/**
 * Judges an amend by a market's rules; `reference` as in judgeOrder(). Less of the quantity alone is judged by that
 * quantity, a change of nothing by the market's status, and any other as a new order would be. Throws ORDER_NOT_OPEN
 * for orders that never rest, ORDER_CHANGED for the stop price of a triggered stop, INVALID_QUANTITY for no more than
 * is executed already, and what judgeOrder() does.
 */
export function judgeAmend(order: AmendableOrder, request: AmendRequest, market: Market, reference: number): Amendment {
  judgeShape(order, request);
  judgeStatus(market, order.postOnly);
  const { lots, limitTicks, stopTicks } = order;
  const from = { lots, limitTicks, stopTicks };
  const to = judgeTerms(order, request, market, reference);
  if (lots > 0 && to.lots <= order.goneLots) {
    throw refuseField('INVALID_QUANTITY', '/quantity', `${quantityOf(market, order.goneLots)} of it is gone already.`);
  }
  const funds = fundsFor(order, to);
  const isBuy = order.side === 'BUY';
  const { base, quote } = market.terms;
  const reserveAmount = isBuy ? quoteAmountOf(market, funds) : quantityOf(market, funds);
  return { from, to, funds, reserveAsset: isBuy ? quote : base, reserveAmount };
}

/** Which fields an order of that kind has. */
function judgeShape(order: AmendableOrder, { quantity, price, stopPrice }: AmendRequest): void {
  const { orderType, timeInForce, budget, isTriggered } = order;
  const refuse = (pointer: string, detail: string): never => {
    throw refuseField('INVALID_REQUEST', pointer, detail);
  };
  if (orderType === 'MARKET' || (orderType === 'LIMIT' && (timeInForce === 'IOC' || timeInForce === 'FOK'))) {
    throw new DomainError('ORDER_NOT_OPEN', 'This order trades at once or ends: there is nothing to amend.');
  }
  if (quantity === undefined && price === undefined && stopPrice === undefined) {
    refuse('', 'Send what is to change: quantity, price or stop_price.');
  }
  if (price !== undefined && orderType === 'STOP') refuse('/price', 'A STOP order has no price.');
  if (quantity !== undefined && budget > 0) refuse('/quantity', 'This order spends an amount of quote.');
  if (stopPrice === undefined) return;
  if (orderType === 'LIMIT') refuse('/stop_price', 'Only STOP and STOP_LIMIT have a stop_price.');
  if (isTriggered) throw new DomainError('ORDER_CHANGED', 'Its stop price has come: it cannot be changed any more.');
}

/** The order's terms as the amend makes them. */
function judgeTerms(order: AmendableOrder, request: AmendRequest, market: Market, reference: number): OrderTerms {
  const { scales } = market;
  const { lots, limitTicks, stopTicks } = order;
  const { quantity, price, stopPrice } = request;
  const change = (pointer: string, text: string | undefined, now: string, scale: number): bigint =>
    text === undefined ? 0n : readField(pointer, text, scale) - parseDecimal(now, scale);
  const isRepriced =
    change('/price', price, priceOf(market, limitTicks), scales.quote) !== 0n ||
    change('/stop_price', stopPrice, priceOf(market, stopTicks), scales.quote) !== 0n;
  const more = change('/quantity', quantity, quantityOf(market, lots), scales.base);
  if (isRepriced || more > 0n) return judgeAnew(order, request, market, reference);
  if (more === 0n || quantity === undefined) return { lots, limitTicks, stopTicks };
  const less = readLots(market, quantity);
  // A STOP's price is its protection price; it is worth what its stop price says.
  judgeWorth(market, '/quantity', less * (order.orderType === 'STOP' ? stopTicks : limitTicks));
  return { lots: less, limitTicks, stopTicks };
}

/** As a new order; a stop that was triggered is a limit order. */
function judgeAnew(order: AmendableOrder, request: AmendRequest, market: Market, reference: number): OrderTerms {
  const { symbol, side, timeInForce, postOnly, selfTradePrevention, lots, budget } = order;
  const orderType = order.isTriggered ? 'LIMIT' : order.orderType;
  const isStop = orderType !== 'LIMIT';
  const judged = judgeOrder(
    {
      ...{ symbol, side, orderType, timeInForce, postOnly, selfTradePrevention },
      quantity: budget > 0 ? undefined : (request.quantity ?? quantityOf(market, lots)),
      quoteQuantity: budget > 0 ? quoteAmountOf(market, budget) : undefined,
      price: orderType === 'STOP' ? undefined : (request.price ?? priceOf(market, order.limitTicks)),
      stopPrice: isStop ? (request.stopPrice ?? priceOf(market, order.stopTicks)) : undefined,
    },
    market,
    reference,
  );
  return { lots: judged.lots, limitTicks: judged.limitTicks, stopTicks: isStop ? judged.stopTicks : order.stopTicks };
}

/**
 * The most it can need more than it has reserved. The door does not know what of the order is gone by the time the
 * amend is done, only that it is no less than now and less than both quantities; what it needs lies on a line between.
 */
function fundsFor({ side, reserveTicks, lots, limitTicks, budget, goneLots }: AmendableOrder, to: OrderTerms): number {
  if (budget > 0) return 0;
  const isRepriced = to.limitTicks !== limitTicks;
  const [before, after] = side === 'SELL' ? [1, 1] : [reserveTicks, isRepriced ? to.limitTicks : reserveTicks];
  const needed = (gone: number): number => after * (to.lots - gone) - before * (lots - gone);
  return Math.max(0, needed(goneLots), needed(Math.min(lots, to.lots)));
}
