import { DomainError, type ErrorCode } from '../errors.ts';
import { formatDecimal, parseDecimal } from '../money.ts';
import { above, below, type Market, priceOf, quantityOf, quoteAmountOf } from './market.ts';
import type { OrderSide, OrderType, SelfTradePrevention, TimeInForce } from './order.ts';

/** What a caller asks for. Amounts are decimal strings as they came. */
export interface OrderRequest {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly orderType: OrderType;
  readonly timeInForce?: TimeInForce | undefined;
  readonly quantity?: string | undefined;
  /** MARKET and STOP buys may say what to spend instead of a quantity. */
  readonly quoteQuantity?: string | undefined;
  readonly price?: string | undefined;
  /** The trade price that a STOP or STOP_LIMIT waits for. */
  readonly stopPrice?: string | undefined;
  readonly postOnly?: boolean | undefined;
  readonly selfTradePrevention?: SelfTradePrevention | undefined;
  readonly clientOrderId?: string | undefined;
}

/** A request that the market's rules allow: every default filled in, every amount exact. */
export interface Placement {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly orderType: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  /** Shortest spellings. */
  readonly quantity: string | undefined;
  readonly quoteQuantity: string | undefined;
  readonly price: string | undefined;
  readonly stopPrice: string | undefined;
  /** The worst price a MARKET or STOP order may trade at. */
  readonly protectionPrice: string | undefined;
  /** What a buy by quantity reserves for each unit. */
  readonly reservePrice: string | undefined;
  readonly reserveAsset: string;
  readonly reserveAmount: string;
  /** The same for the engine; see PlacedOrder. */
  readonly lots: number;
  readonly limitTicks: number;
  readonly stopTicks: number;
  readonly reserveTicks: number;
  readonly budget: number;
  readonly makerBps: number;
  readonly takerBps: number;
  readonly stepsVersion: number;
}

/**
 * Judges a request by a market's rules. `reference` is the market's last trade price, or its initial one, in ticks.
 * Throws INVALID_REQUEST (malformed or contradictory), MARKET_NOT_ACTIVE, MARKET_POST_ONLY, INVALID_PRICE,
 * INVALID_QUANTITY, MIN_NOTIONAL or PRICE_OUT_OF_BAND, naming the field. Nothing is ever rounded but a budget, down to
 * a whole tick × lot. A stop acts when the market is at its stop price: that is the reference it is judged by.
 */
export function judgeOrder(request: OrderRequest, market: Market, reference: number): Placement {
  const shape = judgeShape(request);
  judgeStatus(market, shape.postOnly);
  const { side, orderType } = request;
  const { symbol, base, quote, makerFeeBps, takerFeeBps } = market.terms;
  const isBuy = side === 'BUY';
  const stopTicks = request.stopPrice === undefined ? 0 : readPrice(market, '/stop_price', request.stopPrice);
  const near = stopTicks === 0 ? reference : stopTicks;
  const limitTicks =
    request.price === undefined ? protectionTicks(market, isBuy, near) : judgePrice(market, isBuy, near, request.price);
  const lots = request.quantity === undefined ? 0 : readLots(market, request.quantity);
  const budget = request.quoteQuantity === undefined ? 0 : readBudget(market, request.quoteQuantity);
  const worth = budget > 0 ? budget : lots * (request.price === undefined ? near : limitTicks);
  judgeWorth(market, budget > 0 ? '/quote_quantity' : '/quantity', worth);
  const reserveTicks = isBuy && budget === 0 ? limitTicks : 0;
  return {
    ...shape,
    symbol,
    side,
    orderType,
    quantity: lots > 0 ? quantityOf(market, lots) : undefined,
    quoteQuantity:
      request.quoteQuantity && formatDecimal(readQuote(market, request.quoteQuantity), market.scales.quote),
    price: request.price === undefined ? undefined : priceOf(market, limitTicks),
    stopPrice: stopTicks === 0 ? undefined : priceOf(market, stopTicks),
    protectionPrice: request.price === undefined ? priceOf(market, limitTicks) : undefined,
    reservePrice: reserveTicks > 0 ? priceOf(market, reserveTicks) : undefined,
    reserveAsset: isBuy ? quote : base,
    reserveAmount: isBuy ? quoteAmountOf(market, budget > 0 ? budget : reserveTicks * lots) : quantityOf(market, lots),
    lots,
    limitTicks,
    stopTicks,
    reserveTicks,
    budget,
    makerBps: makerFeeBps,
    takerBps: takerFeeBps,
    stepsVersion: market.stepsVersion,
  };
}

/** The end of a DAY order placed at `placedAt` (milliseconds): the first 00:00 UTC after it. */
export const endOfDay = (placedAt: number): number => (Math.floor(placedAt / dayMs) + 1) * dayMs;

const dayMs = 86_400_000;

type Shape = Pick<Placement, 'timeInForce' | 'postOnly' | 'selfTradePrevention'>;

/** Which fields go together. */
function judgeShape(request: OrderRequest): Shape {
  const { orderType, side, quantity, quoteQuantity, price, stopPrice } = request;
  const { postOnly = false, selfTradePrevention = 'EXPIRE_TAKER' } = request;
  const hasLimit = orderType === 'LIMIT' || orderType === 'STOP_LIMIT';
  const isStop = orderType === 'STOP' || orderType === 'STOP_LIMIT';
  const timeInForce = request.timeInForce ?? (hasLimit ? 'GTC' : 'IOC');
  const refuse = (pointer: string, detail: string): never => {
    throw refuseField('INVALID_REQUEST', pointer, detail);
  };
  if (isStop !== (stopPrice !== undefined)) {
    refuse('/stop_price', isStop ? 'A stop needs a stop_price.' : 'Only STOP and STOP_LIMIT have a stop_price.');
  }
  if (hasLimit) {
    if (price === undefined) refuse('/price', 'A limit order needs a price.');
    if (quoteQuantity !== undefined) refuse('/quote_quantity', 'Only market buys may spend an amount of quote.');
  } else {
    if (price !== undefined) refuse('/price', `A ${orderType} order has no price.`);
    if (timeInForce === 'GTC' || timeInForce === 'DAY' || (isStop && timeInForce === 'FOK')) {
      refuse('/time_in_force', `A ${orderType} order is IOC${isStop ? '' : ' or FOK'}.`);
    }
    if (quoteQuantity !== undefined && side === 'SELL') refuse('/quote_quantity', 'A sell says its quantity.');
  }
  if ((quantity === undefined) === (quoteQuantity === undefined)) {
    refuse('/quantity', 'Send quantity, or for a market buy quote_quantity instead.');
  }
  if (postOnly && (!hasLimit || timeInForce === 'IOC' || timeInForce === 'FOK')) {
    refuse('/post_only', 'Only orders that may rest can be post-only: LIMIT and STOP_LIMIT with GTC or DAY.');
  }
  return { timeInForce, postOnly, selfTradePrevention };
}

/** Throws MARKET_NOT_ACTIVE or MARKET_POST_ONLY. */
export function judgeStatus({ terms: { symbol, status } }: Market, postOnly: boolean): void {
  if (status === 'ACTIVE' || (status === 'POST_ONLY' && postOnly)) return;
  if (status === 'POST_ONLY') throw new DomainError('MARKET_POST_ONLY', `${symbol} accepts post-only orders only.`);
  throw new DomainError('MARKET_NOT_ACTIVE', `${symbol} takes no orders now.`, { market_status: status });
}

/** Throws MIN_NOTIONAL for a worth, in ticks × lots, below the market's least. */
export function judgeWorth({ terms, minUnits }: Market, pointer: string, worth: number): void {
  if (worth >= minUnits) return;
  throw refuseField('MIN_NOTIONAL', pointer, `An order must be worth at least ${terms.minNotional} ${terms.quote}.`);
}

/** A price in whole ticks, within the market's. */
function readPrice({ terms, tick, scales, minTicks, maxTicks }: Market, pointer: string, text: string): number {
  const refuse = (detail: string): DomainError => refuseField('INVALID_PRICE', pointer, detail);
  const atoms = readField(pointer, text, scales.quote);
  if (atoms === 0n) throw refuse('The price must be above zero.');
  if (atoms % tick !== 0n) throw refuse(`The price must be a multiple of ${terms.tickSize}.`);
  const ticks = atoms / tick;
  if (ticks < minTicks || ticks > maxTicks) {
    throw refuse(`The price must be between ${terms.minPrice} and ${terms.maxPrice}.`);
  }
  return Number(ticks);
}

function judgePrice(market: Market, isBuy: boolean, reference: number, text: string): number {
  const refuse = (detail: string): DomainError => refuseField('PRICE_OUT_OF_BAND', '/price', detail);
  const price = readPrice(market, '/price', text);
  const [highest, lowest] = [above(reference, market.band), below(reference, market.band)];
  if (isBuy && price > highest) {
    throw refuse(`A buy may cost at most ${priceOf(market, highest)} now.`);
  }
  if (!isBuy && price < lowest) {
    throw refuse(`A sell must bring at least ${priceOf(market, lowest)} now.`);
  }
  return price;
}

/** How far a market order may go: the collar, rounded towards the reference, within the market's prices. */
const protectionTicks = ({ collar, minTicks, maxTicks }: Market, isBuy: boolean, reference: number): number =>
  isBuy ? Math.min(above(reference, collar), maxTicks) : Math.max(below(reference, collar), minTicks);

/** A quantity in whole lots, within the market's. */
export function readLots({ terms, lot, scales, minLots, maxLots }: Market, text: string): number {
  const refuse = (detail: string): DomainError => refuseField('INVALID_QUANTITY', '/quantity', detail);
  const atoms = readField('/quantity', text, scales.base);
  if (atoms === 0n) throw refuse('The quantity must be above zero.');
  if (atoms % lot !== 0n) throw refuse(`The quantity must be a multiple of ${terms.lotSize}.`);
  const lots = atoms / lot;
  if (lots < minLots || lots > maxLots) {
    throw refuse(`The quantity must be between ${terms.minQuantity} and ${terms.maxQuantity}.`);
  }
  return Number(lots);
}

const readQuote = ({ scales }: Market, text: string): bigint => readField('/quote_quantity', text, scales.quote);

function readBudget(market: Market, text: string): number {
  const units = readQuote(market, text) / market.unit;
  if (units > 0n && units <= BigInt(market.maxTicks) * BigInt(market.maxLots)) return Number(units);
  throw refuseField('INVALID_QUANTITY', '/quote_quantity', 'This amount is too small or too large for the market.');
}

/** A decimal in atoms. Throws INVALID_REQUEST for one that is malformed or too fine. */
export function readField(pointer: string, text: string, scale: number): bigint {
  try {
    return parseDecimal(text, scale);
  } catch (error) {
    if (error instanceof DomainError) throw refuseField(error.code, pointer, error.message);
    throw error;
  }
}

/** A refusal of one field. */
export const refuseField = (code: ErrorCode, pointer: string, detail: string): DomainError =>
  new DomainError(code, detail, { errors: [{ pointer, code, detail }] });
