import fc from 'fast-check';
import {
  type AmendCommand,
  type ListCommand,
  type MarketLimits,
  type MarketStatus,
  type OrderCommand,
  type OrderTerms,
} from '../../../matcher/engine/types.ts';
import { type BookState } from '../../../matcher/engine/state.ts';
import { type NaiveBook } from './naive-book.ts';

export const limits: MarketLimits = { status: 'ACTIVE', minTicks: 1, maxTicks: 1000, minLots: 1, maxLots: 1000 };

/** A GTC limit buy of one lot at 100 by `alice` at time 0, but for what is given. Buys reserve their worst price. */
export function order(orderId: string, given: Partial<OrderCommand> = {}): OrderCommand {
  const limitTicks = given.limitTicks ?? 100;
  const budget = given.budget ?? 0;
  const needsReserve = (given.side ?? 'BUY') === 'BUY' && budget === 0;
  return {
    orderId,
    userId: 'alice',
    side: 'BUY',
    orderType: 'LIMIT',
    timeInForce: 'GTC',
    postOnly: false,
    selfTradePrevention: 'EXPIRE_TAKER',
    lots: budget > 0 ? 0 : 1,
    limitTicks,
    stopTicks: 0,
    reserveTicks: needsReserve ? limitTicks : 0,
    budget,
    createdAt: 0,
    expiresAt: 0,
    ...given,
  };
}

/** One step of a generated story. An order's id is its step's; `target` picks an earlier step's order. */
export type Step =
  | { kind: 'place'; order: Partial<OrderCommand>; age: number; expiresIn: number }
  | { kind: 'list'; limit: Partial<OrderCommand>; stop: Partial<OrderCommand>; age: number; expiresIn: number }
  | { kind: 'cancel'; target: number }
  | { kind: 'cancelAll'; userId: string; lead: number }
  | { kind: 'wait'; time: number }
  | { kind: 'market'; status: MarketStatus }
  | { kind: 'again'; target: number }
  | ({ kind: 'amend'; target: number } & AmendWish);

/** What an amend changes, of what an order is known to be; `isStale`: it was that before another amend. */
export interface AmendWish {
  lots: number | undefined;
  limitTicks: number | undefined;
  stopTicks: number | undefined;
  isStale: boolean;
  /** What is set aside beyond what it may need; less is too little. */
  spare: number;
}

const price = fc.integer({ min: 1, max: 12 });
const common = {
  userId: fc.constantFrom('alice', 'bob', 'carol', 'dave'),
  selfTradePrevention: fc.constantFrom('EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'),
} as const;
const side = fc.constantFrom('BUY', 'SELL');
const lots = fc.integer({ min: 1, max: 9 });
const limit = fc
  .record({ ...common, side, lots, limitTicks: price, timeInForce: fc.constantFrom('GTC', 'GTC', 'DAY', 'IOC', 'FOK') })
  .chain((given) =>
    fc.integer({ min: 0, max: 3 }).map((pick) => ({
      ...given,
      postOnly: pick === 0 && (given.timeInForce === 'GTC' || given.timeInForce === 'DAY'),
    })),
  );
const timeInForce = fc.constantFrom('IOC', 'FOK');
const orderType = fc.constant('MARKET' as const);
const market = fc.record({ ...common, side, lots, limitTicks: price, timeInForce, orderType });
const budget = fc.record({
  ...common,
  side: fc.constant('BUY' as const),
  budget: fc.integer({ min: 1, max: 200 }),
  limitTicks: price,
  timeInForce,
  orderType,
});
const stop = fc
  .oneof({ weight: 3, arbitrary: limit }, { weight: 2, arbitrary: market }, { weight: 1, arbitrary: budget })
  .chain((given) =>
    price.map((stopTicks) => ({
      ...given,
      stopTicks,
      ...('orderType' in given
        ? { orderType: 'STOP' as const, timeInForce: 'IOC' as const }
        : { orderType: 'STOP_LIMIT' as const }),
    })),
  );
const place = fc.record({
  kind: fc.constant('place' as const),
  order: fc.oneof(
    { weight: 6, arbitrary: limit },
    { weight: 2, arbitrary: market },
    { weight: 2, arbitrary: budget },
    { weight: 5, arbitrary: stop },
  ),
  age: fc.oneof(
    { weight: 19, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 4990, max: 5010 }) },
  ),
  expiresIn: fc.integer({ min: 0, max: 3 }),
});
const list = fc
  .record({ ...common, side, lots, limitTicks: price, stopTicks: price, timeInForce: fc.constantFrom('GTC', 'DAY') })
  .chain(({ stopTicks, ...given }) =>
    fc.record({
      kind: fc.constant('list' as const),
      limit: fc.boolean().map((postOnly) => ({ ...given, postOnly })),
      stop: fc.oneof(
        price.map((limitTicks) => ({
          ...{ ...given, limitTicks, stopTicks },
          ...{ orderType: 'STOP' as const, timeInForce: 'IOC' as const },
        })),
        fc
          .record({ limitTicks: price, timeInForce: fc.constantFrom('GTC', 'DAY', 'IOC', 'FOK') })
          .map((own) => ({ ...given, stopTicks, orderType: 'STOP_LIMIT' as const, ...own })),
      ),
      age: fc.constant(0),
      expiresIn: fc.integer({ min: 0, max: 3 }),
    }),
  );
const target = fc.nat({ max: 30 });
const amend = fc.record({
  kind: fc.constant('amend' as const),
  target: fc.nat({ max: 15 }),
  lots: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 2 }),
  limitTicks: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 2 }),
  stopTicks: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 2 }),
  isStale: fc.oneof({ weight: 19, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  spare: fc.oneof({ weight: 17, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.integer({ min: -2, max: 9 }) }),
});

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 60, arbitrary: place },
  { weight: 20, arbitrary: list },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('cancel' as const), target }) },
  { weight: 25, arbitrary: amend },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), target }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), time: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('cancelAll' as const), userId: common.userId, lead: fc.nat({ max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('market' as const),
      status: fc.constantFrom(
        ...(['ACTIVE', 'ACTIVE', 'ACTIVE', 'POST_ONLY', 'HALTED', 'CANCEL_ONLY', 'DELISTED'] as const),
      ),
    }),
  },
);

type Timing = Pick<Step & { kind: 'place' }, 'age' | 'expiresIn'>;

function orderOf(id: string, given: Partial<OrderCommand>, { age, expiresIn }: Timing, time: number): OrderCommand {
  const expiresAt = given.timeInForce === 'DAY' ? (Math.floor(time / 100) + expiresIn) * 100 || 100 : 0;
  return order(id, { ...given, createdAt: time - age, expiresAt });
}

/** The order of a placing step: the n-th of its story, at a time. DAY orders end at a multiple of 100. */
export const commandOf = (given: Step & { kind: 'place' }, index: number, time: number): OrderCommand =>
  orderOf(`order-${index}`, given.order, given, time);

/** The list of such a step. Its limit order has the step's number, as other orders have. */
export const listOf = (given: Step & { kind: 'list' }, index: number, time: number): ListCommand => ({
  limit: { ...orderOf(`order-${index}`, given.limit, given, time), orderListId: `list-${index}` },
  stop: { ...orderOf(`stop-${index}`, given.stop, given, time), orderListId: `list-${index}` },
});

/** The terms an order begins with. */
export const termsOf = ({ lots, limitTicks, stopTicks }: OrderCommand): OrderTerms => ({ lots, limitTicks, stopTicks });

/**
 * The amend of an order that was placed with `command` and is known to have `terms`. Its funds are for whatever of the
 * order is executed by then, as the door does not know.
 */
export function amendOf(command: OrderCommand, terms: OrderTerms, wish: Partial<AmendWish> = {}): AmendCommand {
  const isBudget = command.budget > 0;
  const to = {
    lots: isBudget ? 0 : (wish.lots ?? terms.lots),
    limitTicks: wish.limitTicks ?? terms.limitTicks,
    stopTicks: terms.stopTicks === 0 ? 0 : (wish.stopTicks ?? terms.stopTicks),
  };
  const price = ({ limitTicks }: OrderTerms) => (command.side === 'SELL' ? 1 : isBudget ? 0 : limitTicks);
  const needed = (gone: number) => price(to) * (to.lots - gone) - price(terms) * (terms.lots - gone);
  const most = Math.max(0, needed(0), needed(Math.min(to.lots, terms.lots)));
  return {
    orderId: command.orderId,
    from: wish.isStale === true ? { ...terms, limitTicks: terms.limitTicks + 1 } : terms,
    to,
    postOnly: command.postOnly,
    selfTradePrevention: command.selfTradePrevention,
    funds: Math.max(0, most + (wish.spare ?? 0)),
  };
}

/** What PostgreSQL would know of a book. */
export function stateOf(book: NaiveBook): BookState {
  const all = [...book.orders, ...book.stops, ...book.untold()];
  const orders = all.filter((one) => one.stopSeq === 0).sort((a, b) => a.prioritySeq - b.prioritySeq);
  const stops = all.filter((one) => one.stopSeq > 0).sort((a, b) => a.stopSeq - b.stopSeq);
  const { bookSeq, tradeSeq, stopSeq, lastTicks } = book;
  return {
    bookSeq,
    tradeSeq,
    stopSeq,
    lastTicks,
    dying: [...new Set(book.dying.map(({ of }) => of))],
    stops: stops.map((stop) => ({ ...stop.command, stopSeq: stop.stopSeq })),
    cancelledBefore: new Map(book.cancelledBefore),
    orders: orders.map(({ command, prioritySeq, executedLots, executedQuote, preventedLots }) => ({
      ...command,
      prioritySeq,
      executedLots,
      executedQuote,
      preventedLots,
    })),
  };
}
