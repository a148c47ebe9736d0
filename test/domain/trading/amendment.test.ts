import test from 'ava';
import fc from 'fast-check';
import {
  type AmendableOrder,
  type Amendment,
  type AmendRequest,
  judgeAmend,
} from '../../../domain/trading/amendment.ts';
import { DomainError, type ErrorCode } from '../../../domain/errors.ts';
import { type MarketTerms, readMarket } from '../../../domain/trading/market.ts';
import { scales, terms } from './terms.ts';

/** A buy of 1 BTC at 50 000, of which a tenth is filled. */
const buy: AmendableOrder = {
  orderId: 'order',
  userId: 'user',
  symbol: 'BTC/USDT',
  side: 'BUY',
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  postOnly: false,
  selfTradePrevention: 'EXPIRE_TAKER',
  lots: 10_000,
  limitTicks: 5_000_000,
  stopTicks: 0,
  reserveTicks: 5_000_000,
  budget: 0,
  createdAt: 0,
  expiresAt: 0,
  makerBps: 8,
  takerBps: 10,
  stepsVersion: 1,
  goneLots: 1_000,
  isTriggered: false,
};
const sell: AmendableOrder = { ...buy, side: 'SELL', reserveTicks: 0 };
const stop: AmendableOrder = { ...buy, orderType: 'STOP_LIMIT', stopTicks: 5_100_000, goneLots: 0 };
const market: AmendableOrder = {
  ...stop,
  orderType: 'STOP',
  timeInForce: 'IOC',
  limitTicks: 5_355_000,
  reserveTicks: 5_355_000,
};
const budget: AmendableOrder = { ...market, lots: 0, budget: 1_000_000_000, reserveTicks: 0 };

const judge = (order: AmendableOrder, request: AmendRequest, changed: Partial<MarketTerms> = {}): Amendment =>
  judgeAmend(order, request, readMarket({ ...terms, ...changed }, scales), 5_000_000);

const isAllowed = test.macro({
  title: (_, circumstance: string) => `amend: ${circumstance}`,
  exec: (
    t,
    _circumstance: string,
    order: AmendableOrder,
    request: AmendRequest,
    to: Partial<Amendment['to']>,
    reserveAmount: string,
  ) => {
    const { lots, limitTicks, stopTicks } = order;
    const from = { lots, limitTicks, stopTicks };
    const judged = judge(order, request);
    t.deepEqual(judged.from, from);
    t.deepEqual(judged.to, { ...from, ...to });
    t.is(judged.reserveAmount, reserveAmount);
  },
});
test(isAllowed, 'a buy of more, may need the difference', buy, { quantity: '1.5' }, { lots: 15_000 }, '25000');
test(isAllowed, 'a buy of less, needs nothing', buy, { quantity: '0.5' }, { lots: 5_000 }, '0');
test(
  isAllowed,
  'a buy at more, may need it for what is open by now',
  buy,
  { price: '51000' },
  { limitTicks: 5_100_000 },
  '900',
);
test(isAllowed, 'a buy at less, needs nothing', buy, { price: '49000' }, { limitTicks: 4_900_000 }, '0');
test(
  isAllowed,
  'a buy of more at less, may need it once most is filled',
  buy,
  { quantity: '1.01', price: '49000' },
  { lots: 10_100, limitTicks: 4_900_000 },
  '490',
);
test(
  isAllowed,
  'a sell of more at less, may need the quantity',
  sell,
  { quantity: '1.5', price: '49000' },
  { lots: 15_000, limitTicks: 4_900_000 },
  '0.5',
);
test(isAllowed, 'a change of nothing, needs nothing', buy, { quantity: '1.000', price: '50000.0' }, {}, '0');
test(
  isAllowed,
  'prices of a stop that waits, change',
  stop,
  { stopPrice: '52000', price: '53000' },
  { stopTicks: 5_200_000, limitTicks: 5_300_000 },
  '3000',
);
test(
  isAllowed,
  'the stop price of a STOP, moves its protection price',
  market,
  { stopPrice: '52000' },
  { stopTicks: 5_200_000, limitTicks: 5_460_000 },
  '1050',
);
test(
  isAllowed,
  'the stop price of a STOP by quote_quantity, keeps its budget',
  budget,
  { stopPrice: '52000' },
  { stopTicks: 5_200_000, limitTicks: 5_460_000 },
  '0',
);
test(
  isAllowed,
  'the price of a stop that was triggered, changes as a limit order’s',
  { ...stop, isTriggered: true },
  { price: '49000' },
  { limitTicks: 4_900_000 },
  '0',
);

test('amend: less of an order whose price is out of the band by now, is allowed; another price there, is not', (t) => {
  const far = { ...buy, limitTicks: 9_000_000, reserveTicks: 9_000_000 };
  t.is(judge(far, { quantity: '0.5' }).to.lots, 5_000);
  t.is(judge(far, { quantity: '1' }).to.lots, 10_000);
  t.is(t.throws(() => judge(far, { price: '89000' }), { instanceOf: DomainError }).code, 'PRICE_OUT_OF_BAND');
  t.is(t.throws(() => judge(far, { quantity: '2' }), { instanceOf: DomainError }).code, 'PRICE_OUT_OF_BAND');
});

const isRefused = test.macro({
  title: (_, circumstance: string) => `amend: ${circumstance}, is refused`,
  exec: (
    t,
    _circumstance: string,
    order: AmendableOrder,
    request: AmendRequest,
    code: ErrorCode,
    pointer?: string,
    changed: Partial<MarketTerms> = {},
  ) => {
    const error = t.throws(() => judge(order, request, changed), { instanceOf: DomainError });
    t.is(error.code, code);
    t.is(error.details.errors?.[0]?.pointer, pointer);
  },
});
test(isRefused, 'of nothing', buy, {}, 'INVALID_REQUEST', '');
test(isRefused, 'a MARKET order', { ...market, orderType: 'MARKET' }, { quantity: '2' }, 'ORDER_NOT_OPEN');
test(isRefused, 'a LIMIT order with IOC', { ...buy, timeInForce: 'IOC' }, { quantity: '2' }, 'ORDER_NOT_OPEN');
test(isRefused, 'the price of a STOP', market, { price: '52000' }, 'INVALID_REQUEST', '/price');
test(isRefused, 'the stop price of a LIMIT order', buy, { stopPrice: '52000' }, 'INVALID_REQUEST', '/stop_price');
test(isRefused, 'the quantity of one by quote_quantity', budget, { quantity: '1' }, 'INVALID_REQUEST', '/quantity');
test(
  isRefused,
  'the stop price of one that was triggered',
  { ...stop, isTriggered: true },
  { stopPrice: '52000' },
  'ORDER_CHANGED',
);
test(isRefused, 'a malformed price', buy, { price: '-1' }, 'INVALID_REQUEST', '/price');
test(isRefused, 'a price between two ticks', buy, { price: '50000.001' }, 'INVALID_PRICE', '/price');
test(isRefused, 'a quantity between two lots', buy, { quantity: '0.99999' }, 'INVALID_QUANTITY', '/quantity');
test(isRefused, 'a quantity that is filled already', buy, { quantity: '0.1' }, 'INVALID_QUANTITY', '/quantity');
test(isRefused, 'less than the market’s least quantity', buy, { quantity: '0.0005' }, 'INVALID_QUANTITY', '/quantity');
test(isRefused, 'more than its largest', buy, { quantity: '1001' }, 'INVALID_QUANTITY', '/quantity');
test(
  isRefused,
  'less than its least worth',
  { ...buy, goneLots: 0 },
  { quantity: '0.001' },
  'MIN_NOTIONAL',
  '/quantity',
  { minNotional: '51' },
);
test(isRefused, 'in a market that is HALTED', buy, { quantity: '0.5' }, 'MARKET_NOT_ACTIVE', undefined, {
  status: 'HALTED',
});
test(isRefused, 'in one that is CANCEL_ONLY', buy, { quantity: '0.5' }, 'MARKET_NOT_ACTIVE', undefined, {
  status: 'CANCEL_ONLY',
});
test(isRefused, 'in one that is POST_ONLY', buy, { quantity: '0.5' }, 'MARKET_POST_ONLY', undefined, {
  status: 'POST_ONLY',
});

test('amend: a post-only order in a market that is POST_ONLY, is allowed', (t) => {
  t.is(judge({ ...buy, postOnly: true }, { quantity: '0.5' }, { status: 'POST_ONLY' }).to.lots, 5_000);
});

test('amend: its funds, are what it needs at most, whatever of it is filled until it is done', (t) => {
  const lots = fc.integer({ min: 10, max: 60 });
  const ticks = fc.integer({ min: 4_900_000, max: 4_900_050 });
  fc.assert(
    fc.property(
      fc.constantFrom(buy, sell),
      lots,
      ticks,
      lots,
      ticks,
      fc.nat({ max: 59 }),
      (order, q, p, q2, p2, gone) => {
        fc.pre(gone < Math.min(q, q2));
        const reserveTicks = order.side === 'BUY' ? p : 0;
        const { funds } = judge(
          { ...order, lots: q, limitTicks: p, reserveTicks, goneLots: gone },
          { quantity: (q2 / 10_000).toFixed(4), price: (p2 / 100).toFixed(2) },
        );
        const perLot = (price: number) => (order.side === 'BUY' ? price : 1);
        const needed = (f: number) => perLot(p2) * (q2 - f) - perLot(p) * (q - f);
        const all = Array.from({ length: Math.min(q, q2) - gone + 1 }, (_, more) => needed(gone + more));
        t.is(funds, Math.max(0, ...all));
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});
