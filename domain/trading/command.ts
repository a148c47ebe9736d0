import { isDecimal } from '../money.ts';
import { type Fields, id, oneOf, pair, part, whole } from './command-fields.ts';
import { areWorkable, type MarketLimits, marketStatuses } from './market.ts';
import {
  type OrderSide,
  orderSides,
  type OrderType,
  orderTypes,
  type SelfTradePrevention,
  selfTradePreventions,
  type TimeInForce,
  timesInForce,
} from './order.ts';
import type { Steps } from './steps.ts';
import { dashed } from './symbol.ts';

/** An order as its market's engine takes it in: judged, reserved and committed PENDING. */
export interface PlacedOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly side: OrderSide;
  readonly orderType: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  /** The quantity; 0 for a MARKET or STOP buy by quote amount. */
  readonly lots: number;
  /** The worst price it may trade at: the limit price, or the protection price of a MARKET or STOP order. */
  readonly limitTicks: number;
  /** The trade price that triggers a STOP or STOP_LIMIT; else 0. */
  readonly stopTicks: number;
  /** What a buy has reserved for each lot: the limit or protection price. 0 for sells and buys by quote amount. */
  readonly reserveTicks: number;
  /** Ticks × lots a MARKET or STOP buy by quote amount may spend, rounded down; else 0. */
  readonly budget: number;
  /** When it was placed, milliseconds. */
  readonly createdAt: number;
  /** When a DAY order ends, milliseconds; else 0. */
  readonly expiresAt: number;
  /** Fees in basis points, fixed at placement. */
  readonly makerBps: number;
  readonly takerBps: number;
  /** The ticks and lots it counts in are those that this version of the market's rules brought. */
  readonly stepsVersion: number;
  /** Of a leg of an order list: the list, whose reservation it draws on. */
  readonly orderListId?: string | undefined;
}

/** Two orders of which one cancels the other, as their market's engine takes them in: both are legs of this list. */
export interface PlacedList {
  readonly orderListId: string;
  readonly limit: PlacedOrder;
  readonly stop: PlacedOrder;
}

/** What of an order an amend may change; see PlacedOrder. */
export type OrderTerms = Pick<PlacedOrder, 'lots' | 'limitTicks' | 'stopTicks'>;

/** An amend as its market's engine takes it in: judged, funded and committed. */
export interface OrderAmend {
  readonly commandId: string;
  readonly orderId: string;
  readonly userId: string;
  /** The order as it was judged by: an amend of one that another amend changed meanwhile is refused. */
  readonly from: OrderTerms;
  readonly to: OrderTerms;
  /** The order's own. */
  readonly side: OrderSide;
  readonly postOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  /** What is reserved under the command's id: ticks × lots for a buy, lots for a sell. */
  readonly funds: number;
  /** As in PlacedOrder. */
  readonly stepsVersion: number;
}

/** Why all of a user's orders end: he said so, or has not been heard of for the time that he had set. */
export const cancelAllReasons = ['CANCEL_ALL', 'CANCEL_ALL_AFTER'] as const;
export type CancelAllReason = (typeof cancelAllReasons)[number];

/** What is sent to a market's matcher. Each is a committed row before it is sent: the stream is order, not truth. */
export type TradingCommand =
  | { readonly kind: 'PLACE'; readonly order: PlacedOrder }
  | ({ readonly kind: 'PLACE_LIST' } & PlacedList)
  | { readonly kind: 'CANCEL'; readonly commandId: string; readonly orderId: string; readonly userId: string }
  | ({ readonly kind: 'AMEND' } & OrderAmend)
  | {
      readonly kind: 'CANCEL_ALL';
      readonly commandId: string;
      readonly userId: string;
      /** Orders placed up to then end, milliseconds. */
      readonly createdAt: number;
      /** What is said to be why they end. */
      readonly reason: CancelAllReason;
    }
  /** Wakes a market whose DAY orders are due: every other command ends them first as well. */
  | { readonly kind: 'EXPIRE'; readonly commandId: string }
  /** The matcher's own: the ends of orders that ended at once are told for the next ones. */
  | { readonly kind: 'TELL_ENDS' }
  /** The market's rules have this version from here on. */
  | {
      readonly kind: 'MARKET';
      readonly commandId: string;
      readonly version: number;
      /** In ticks and lots of these steps. */
      readonly limits: MarketLimits;
      /** Absent: those that the market was opened with. */
      readonly steps?: Steps | undefined;
    };

/** The stream of a market's commands: `orders:BTC-USDT`. */
export const commandStream = (symbol: string): string => `orders:${dashed(symbol)}`;

/** The field of a stream entry that holds a command. */
export const commandField = 'c';

const version = 1;

/** Writes a command as one compact line of JSON; equal commands are equal texts. */
export function writeCommand(command: TradingCommand): string {
  switch (command.kind) {
    case 'PLACE':
      return JSON.stringify({ v: version, t: 'P', ...placementFields(command.order) });
    case 'PLACE_LIST': {
      const legs = { l: placementFields(command.limit), s: placementFields(command.stop) };
      return JSON.stringify({ v: version, t: 'L', id: command.orderListId, ...legs });
    }
    case 'CANCEL':
      return JSON.stringify({ v: version, t: 'C', id: command.commandId, o: command.orderId, u: command.userId });
    case 'AMEND':
      return writeAmend(command);
    case 'CANCEL_ALL': {
      const { commandId, userId, createdAt, reason } = command;
      const why = reason === 'CANCEL_ALL' ? {} : { r: reason };
      return JSON.stringify({ v: version, t: 'A', id: commandId, u: userId, at: createdAt, ...why });
    }
    case 'EXPIRE':
      return JSON.stringify({ v: version, t: 'E', id: command.commandId });
    case 'TELL_ENDS':
      return JSON.stringify({ v: version, t: 'T' });
    case 'MARKET': {
      const { status, minTicks, maxTicks, minLots, maxLots } = command.limits;
      const limits = { s: status, pl: minTicks, ph: maxTicks, ql: minLots, qh: maxLots };
      const steps = writeSteps(command.steps);
      return JSON.stringify({ v: version, t: 'M', id: command.commandId, n: command.version, ...limits, ...steps });
    }
  }
}

/** Most markets have the steps that they were opened with: those are not said. */
const firstSteps = 1;
const writeSteps = (steps: Steps | undefined): object =>
  steps === undefined ? {} : { d: [steps.version, steps.tickSize, steps.lotSize] };
const stepsField = ({ stepsVersion }: { readonly stepsVersion: number }): object =>
  stepsVersion === firstSteps ? {} : { d: stepsVersion };

const placementFields = (order: PlacedOrder): object => ({
  id: order.orderId,
  u: order.userId,
  s: order.side,
  y: order.orderType,
  f: order.timeInForce,
  ...(order.postOnly ? { po: true } : {}),
  stp: order.selfTradePrevention,
  q: order.lots,
  p: order.limitTicks,
  ...(order.stopTicks > 0 ? { sp: order.stopTicks } : {}),
  r: order.reserveTicks,
  b: order.budget,
  at: order.createdAt,
  x: order.expiresAt,
  m: order.makerBps,
  k: order.takerBps,
  ...stepsField(order),
});

const writeAmend = (amend: OrderAmend): string =>
  JSON.stringify({
    v: version,
    t: 'R',
    id: amend.commandId,
    o: amend.orderId,
    u: amend.userId,
    s: amend.side,
    q: [amend.from.lots, amend.to.lots],
    p: [amend.from.limitTicks, amend.to.limitTicks],
    ...(amend.from.stopTicks > 0 ? { sp: [amend.from.stopTicks, amend.to.stopTicks] } : {}),
    ...(amend.postOnly ? { po: true } : {}),
    stp: amend.selfTradePrevention,
    r: amend.funds,
    ...stepsField(amend),
  });

/** Reads what writeCommand wrote. Throws an Error that says what is wrong with anything else. */
export function readCommand(text: string): TradingCommand {
  const entry: unknown = JSON.parse(text);
  if (typeof entry !== 'object' || entry === null) throw new Error('A command is a JSON object');
  const fields = entry as Fields;
  if (fields['v'] !== version) throw new Error(`A command has version ${version}`);
  switch (fields['t']) {
    case 'P':
      return { kind: 'PLACE', order: readPlacement(fields) };
    case 'L': {
      const orderListId = id(fields, 'id');
      const leg = (name: string) => ({ ...readPlacement(part(fields, name)), orderListId });
      return { kind: 'PLACE_LIST', orderListId, limit: leg('l'), stop: leg('s') };
    }
    case 'C':
      return { kind: 'CANCEL', commandId: id(fields, 'id'), orderId: id(fields, 'o'), userId: id(fields, 'u') };
    case 'R':
      return { kind: 'AMEND', ...readAmend(fields) };
    case 'A':
      return {
        kind: 'CANCEL_ALL',
        commandId: id(fields, 'id'),
        userId: id(fields, 'u'),
        createdAt: whole(fields, 'at'),
        reason: fields['r'] === undefined ? 'CANCEL_ALL' : oneOf(fields, 'r', cancelAllReasons),
      };
    case 'E':
      return { kind: 'EXPIRE', commandId: id(fields, 'id') };
    case 'T':
      return { kind: 'TELL_ENDS' };
    case 'M':
      return {
        kind: 'MARKET',
        commandId: id(fields, 'id'),
        version: whole(fields, 'n'),
        limits: readLimits(fields),
        ...(fields['d'] === undefined ? {} : { steps: readSteps(fields) }),
      };
    default:
      throw new Error('A command has a known kind');
  }
}

const readPlacement = (fields: Fields): PlacedOrder => ({
  orderId: id(fields, 'id'),
  userId: id(fields, 'u'),
  side: oneOf(fields, 's', orderSides),
  orderType: oneOf(fields, 'y', orderTypes),
  timeInForce: oneOf(fields, 'f', timesInForce),
  postOnly: fields['po'] === true,
  selfTradePrevention: oneOf(fields, 'stp', selfTradePreventions),
  lots: whole(fields, 'q'),
  limitTicks: whole(fields, 'p'),
  stopTicks: fields['sp'] === undefined ? 0 : whole(fields, 'sp'),
  reserveTicks: whole(fields, 'r'),
  budget: whole(fields, 'b'),
  createdAt: whole(fields, 'at'),
  expiresAt: whole(fields, 'x'),
  makerBps: whole(fields, 'm'),
  takerBps: whole(fields, 'k'),
  stepsVersion: readStepsVersion(fields),
});

const readStepsVersion = (fields: Fields): number => (fields['d'] === undefined ? firstSteps : whole(fields, 'd'));

function readAmend(fields: Fields): OrderAmend {
  const [[fromLots, lots], [fromLimit, limitTicks]] = [pair(fields, 'q'), pair(fields, 'p')];
  const [fromStop, stopTicks] = fields['sp'] === undefined ? [0, 0] : pair(fields, 'sp');
  return {
    commandId: id(fields, 'id'),
    orderId: id(fields, 'o'),
    userId: id(fields, 'u'),
    from: { lots: fromLots, limitTicks: fromLimit, stopTicks: fromStop },
    to: { lots, limitTicks, stopTicks },
    side: oneOf(fields, 's', orderSides),
    postOnly: fields['po'] === true,
    selfTradePrevention: oneOf(fields, 'stp', selfTradePreventions),
    funds: whole(fields, 'r'),
    stepsVersion: readStepsVersion(fields),
  };
}

function readSteps(fields: Fields): Steps {
  const value = fields['d'];
  if (!Array.isArray(value) || value.length !== 3) throw new Error('d is a version and two sizes');
  const [stepsVersion, tickSize, lotSize] = value as readonly unknown[];
  if (!isSize(tickSize) || !isSize(lotSize)) throw new Error('Steps are decimals above zero');
  return { version: whole({ d: stepsVersion }, 'd'), tickSize, lotSize };
}

const isSize = (value: unknown): value is string =>
  typeof value === 'string' && isDecimal(value) && /[1-9]/.test(value);

/** Throws on limits that no engine can work by: nothing but a dead letter may come of those. */
function readLimits(fields: Fields): MarketLimits {
  const limits = {
    status: oneOf(fields, 's', marketStatuses),
    minTicks: whole(fields, 'pl'),
    maxTicks: whole(fields, 'ph'),
    minLots: whole(fields, 'ql'),
    maxLots: whole(fields, 'qh'),
  };
  if (!areWorkable(limits)) throw new Error('A market has limits in order');
  return limits;
}
