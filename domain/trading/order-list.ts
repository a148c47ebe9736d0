import { DomainError } from '../errors.ts';
import { type Market, priceOf } from './market.ts';
import type { Order, OrderSide } from './order.ts';
import { judgeOrder, type OrderRequest, type Placement, refuseField } from './placement.ts';

/** What a leg says for itself. Amounts are decimal strings as they came. */
export type LegRequest = Pick<
  OrderRequest,
  'orderType' | 'timeInForce' | 'price' | 'stopPrice' | 'postOnly' | 'selfTradePrevention'
>;

/** One cancels the other: two orders of one quantity, of which one rests and one waits for its stop price. */
export interface ListRequest {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: string;
  readonly orders: readonly [LegRequest, LegRequest];
  readonly clientOrderListId?: string | undefined;
}

/** A list that the market's rules allow. */
export interface ListPlacement {
  readonly limit: Placement;
  readonly stop: Placement;
  /** That of the two which needs more: what it reserves is there for both. */
  readonly reserving: Placement;
}

/** An order list as its owner sees it; its orders are the limit order and the stop. */
export interface OrderList {
  readonly orderListId: string;
  readonly clientOrderListId: string | undefined;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: string;
  readonly orders: readonly [Order, Order];
  readonly createdAt: Date;
}

/**
 * Judges a list by a market's rules; `reference` as in judgeOrder(). One leg is a LIMIT order that may rest, the other
 * a STOP or STOP_LIMIT: INVALID_REQUEST otherwise. The market is between them: a sell's price is above it and its stop
 * price below, a buy's the reverse, else INVALID_PRICE. Throws also what judgeOrder() does, of the leg in question.
 */
export function judgeList(request: ListRequest, market: Market, reference: number): ListPlacement {
  const { orders, symbol, side, quantity } = request;
  const at = orders.findIndex(({ orderType }) => orderType === 'LIMIT');
  const other = orders.findIndex(({ orderType }) => orderType === 'STOP' || orderType === 'STOP_LIMIT');
  if (at < 0 || other < 0) {
    throw refuseField('INVALID_REQUEST', '/orders', 'One leg is a LIMIT order, the other a STOP or STOP_LIMIT.');
  }
  const [limit, stop] = [at, other].map((index) =>
    inLeg(index, () => judgeOrder({ ...(orders[index] as LegRequest), symbol, side, quantity }, market, reference)),
  ) as [Placement, Placement];
  if (limit.timeInForce !== 'GTC' && limit.timeInForce !== 'DAY') {
    throw refuseField('INVALID_REQUEST', `/orders/${at}/time_in_force`, 'The LIMIT order of a list is GTC or DAY.');
  }
  judgeSides(limit, stop, reference, market, [at, other]);
  return { limit, stop, reserving: stop.reserveTicks > limit.reserveTicks ? stop : limit };
}

function judgeSides(
  { side, limitTicks }: Placement,
  { stopTicks }: Placement,
  reference: number,
  market: Market,
  [at, other]: readonly [number, number],
): void {
  const isBuy = side === 'BUY';
  const now = priceOf(market, reference);
  const [beyond, before] = isBuy ? ['below', 'above'] : ['above', 'below'];
  const what = isBuy ? 'buy' : 'sell';
  if (isBuy ? limitTicks >= reference : limitTicks <= reference) {
    const detail = `The price of a ${what} list must be ${beyond} the market, which is at ${now}.`;
    throw refuseField('INVALID_PRICE', `/orders/${at}/price`, detail);
  }
  if (isBuy ? stopTicks > reference : stopTicks < reference) return;
  const detail = `The stop price of a ${what} list must be ${before} the market, which is at ${now}.`;
  throw refuseField('INVALID_PRICE', `/orders/${other}/stop_price`, detail);
}

/** What the two have in common is named where it stands, else the leg is. */
function inLeg(index: number, judge: () => Placement): Placement {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof DomainError) || error.details.errors === undefined) throw error;
    const errors = error.details.errors.map((fault) =>
      fault.pointer === '/quantity' ? fault : { ...fault, pointer: `/orders/${index}${fault.pointer}` },
    );
    throw new DomainError(error.code, error.message, { ...error.details, errors });
  }
}
