import test from 'ava';
import { DomainError, type ErrorCode } from '../../../domain/errors.ts';
import { readMarket, type MarketTerms } from '../../../domain/trading/market.ts';
import { endOfDay, judgeOrder, type OrderRequest, type Placement } from '../../../domain/trading/placement.ts';
import { scales, terms } from './terms.ts';

/** 50 000.01, so that percents of it need rounding. */
const reference = 5_000_001;
const limit: OrderRequest = { symbol: 'BTC/USDT', side: 'BUY', orderType: 'LIMIT', price: '50000', quantity: '1' };
const market: OrderRequest = { symbol: 'BTC/USDT', side: 'BUY', orderType: 'MARKET', quantity: '1' };

const judge = (request: OrderRequest, changed: Partial<MarketTerms> = {}): Placement =>
  judgeOrder(request, readMarket({ ...terms, ...changed }, scales), reference);

const isPlaced = test.macro((t, request: OrderRequest, expected: Partial<Placement>) => {
  t.like(judge(request), expected);
});

const isRefused = test.macro(
  (t, request: OrderRequest, code: ErrorCode, pointer: string | undefined, changed: Partial<MarketTerms> = {}) => {
    const error = t.throws(() => judge(request, changed), { instanceOf: DomainError });
    t.is(error.code, code);
    t.is(error.details.errors?.[0]?.pointer, pointer);
  },
);

test('order: a limit buy, reserves price × quantity of quote', isPlaced, limit, {
  timeInForce: 'GTC',
  postOnly: false,
  selfTradePrevention: 'EXPIRE_TAKER',
  price: '50000',
  quantity: '1',
  reservePrice: '50000',
  protectionPrice: undefined,
  reserveAsset: 'USDT',
  reserveAmount: '50000',
  lots: 10_000,
  limitTicks: 5_000_000,
  reserveTicks: 5_000_000,
  budget: 0,
  makerBps: 8,
  takerBps: 10,
});
test(
  'order: a limit sell, reserves its quantity of base',
  isPlaced,
  { ...limit, side: 'SELL' },
  {
    reserveAsset: 'BTC',
    reserveAmount: '1',
    reservePrice: undefined,
    reserveTicks: 0,
  },
);
test(
  'order: trailing zeros, are the same order',
  isPlaced,
  { ...limit, price: '50000.0000', quantity: '1.00' },
  {
    price: '50000',
    quantity: '1',
  },
);
test('order: a market buy by quantity, reserves at the collar, rounded down to a tick', isPlaced, market, {
  timeInForce: 'IOC',
  price: undefined,
  // 50 000.01 × 1.05 = 52 500.0105
  protectionPrice: '52500.01',
  reservePrice: '52500.01',
  reserveAmount: '52500.01',
  limitTicks: 5_250_001,
});
test(
  'order: a market sell, is protected by the collar rounded up to a tick',
  isPlaced,
  { ...market, side: 'SELL' },
  {
    // 50 000.01 × 0.95 = 47 500.0095
    protectionPrice: '47500.01',
    reserveAsset: 'BTC',
    reserveAmount: '1',
  },
);
const spend: OrderRequest = { symbol: 'BTC/USDT', side: 'BUY', orderType: 'MARKET', quoteQuantity: '1000.123456' };
test('order: a market buy by quote_quantity, reserves its budget', isPlaced, spend, {
  lots: 0,
  quantity: undefined,
  quoteQuantity: '1000.123456',
  reservePrice: undefined,
  reserveTicks: 0,
  budget: 1_000_123_456,
  reserveAmount: '1000.123456',
});
test('order: a budget finer than tick × lot, reserves only what it can spend', (t) => {
  const coarse = judge(spend, { tickSize: '1', initialPrice: '50000', minPrice: '1' });
  t.is(coarse.reserveAmount, '1000.1234');
  t.is(coarse.quoteQuantity, '1000.123456');
});
test(
  'order: a market order that asks for it, is FOK',
  isPlaced,
  { ...market, timeInForce: 'FOK' },
  {
    timeInForce: 'FOK',
  },
);
test(
  'order: a buy at the upper edge of the band, is placed',
  isPlaced,
  { ...limit, price: '75000.01' },
  {
    price: '75000.01',
  },
);
test(
  'order: a sell at the lower edge of the band, is placed',
  isPlaced,
  { ...limit, side: 'SELL', price: '25000.01' },
  {
    price: '25000.01',
  },
);
test('order: a buy far below the band, is placed', isPlaced, { ...limit, price: '100' }, { price: '100' });

const { price: _price, ...priceless } = limit;
const { quantity: _quantity, ...sizeless } = limit;
test('order: a limit order without price, is malformed', isRefused, priceless, 'INVALID_REQUEST', '/price');
test(
  'order: a market order with a price, is malformed',
  isRefused,
  { ...market, price: '1' },
  'INVALID_REQUEST',
  '/price',
);
test('order: no quantity, is malformed', isRefused, sizeless, 'INVALID_REQUEST', '/quantity');
test(
  'order: both quantities, is malformed',
  isRefused,
  { ...market, quoteQuantity: '9' },
  'INVALID_REQUEST',
  '/quantity',
);
test(
  'order: quote_quantity on a limit order, is malformed',
  isRefused,
  { ...sizeless, quoteQuantity: '9' },
  'INVALID_REQUEST',
  '/quote_quantity',
);
test(
  'order: quote_quantity on a sell, is malformed',
  isRefused,
  { ...spend, side: 'SELL' },
  'INVALID_REQUEST',
  '/quote_quantity',
);
for (const timeInForce of ['GTC', 'DAY'] as const) {
  test(
    `order: a market order with ${timeInForce}, is malformed`,
    isRefused,
    { ...market, timeInForce },
    'INVALID_REQUEST',
    '/time_in_force',
  );
}
for (const timeInForce of ['IOC', 'FOK'] as const) {
  test(
    `order: post-only with ${timeInForce}, is malformed`,
    isRefused,
    { ...limit, postOnly: true, timeInForce },
    'INVALID_REQUEST',
    '/post_only',
  );
}
for (const text of [
  '',
  ' 1',
  '1,0',
  '-1',
  '-0',
  '+1',
  '1e3',
  '0x10',
  'NaN',
  'Infinity',
  '01',
  '1.',
  '.5',
  '１',
  '1e30',
]) {
  test(
    `order: the price ${JSON.stringify(text)}, is malformed`,
    isRefused,
    { ...limit, price: text },
    'INVALID_REQUEST',
    '/price',
  );
  test(
    `order: the quantity ${JSON.stringify(text)}, is malformed`,
    isRefused,
    { ...limit, quantity: text },
    'INVALID_REQUEST',
    '/quantity',
  );
}
const price = (text: string): OrderRequest => ({ ...limit, price: text });
const quantity = (text: string): OrderRequest => ({ ...limit, quantity: text });
const budget = (text: string): OrderRequest => ({ ...spend, quoteQuantity: text });
const refusals: readonly [string, OrderRequest, ErrorCode, string, Partial<MarketTerms>?][] = [
  ['a price finer than an atom, is malformed', price('1.0000001'), 'INVALID_REQUEST', '/price'],
  ['a quantity finer than an atom, is malformed', quantity('1.000000001'), 'INVALID_REQUEST', '/quantity'],
  ['a price between ticks, is refused', price('50000.001'), 'INVALID_PRICE', '/price'],
  ['a price of zero, is refused', price('0'), 'INVALID_PRICE', '/price'],
  ['a price above the maximum, is refused', price('1000000.01'), 'INVALID_PRICE', '/price'],
  ['a price below the minimum, is refused', price('5'), 'INVALID_PRICE', '/price', { minPrice: '10' }],
  ['a quantity between lots, is refused', quantity('1.00001'), 'INVALID_QUANTITY', '/quantity'],
  ['a quantity of zero, is refused', quantity('0.0'), 'INVALID_QUANTITY', '/quantity'],
  ['a quantity below the minimum, is refused', quantity('0.0009'), 'INVALID_QUANTITY', '/quantity'],
  ['a quantity above the maximum, is refused', quantity('1000.0001'), 'INVALID_QUANTITY', '/quantity'],
  ['a budget of zero, is refused', budget('0'), 'INVALID_QUANTITY', '/quote_quantity'],
  ['a budget beyond the market, is refused', budget('1000000000.01'), 'INVALID_QUANTITY', '/quote_quantity'],
  ['too small a value, is refused', { ...limit, price: '999', quantity: '0.01' }, 'MIN_NOTIONAL', '/quantity'],
  ['too small a budget, is refused', budget('9.99'), 'MIN_NOTIONAL', '/quote_quantity'],
  [
    'a market order worth too little at the reference price, is refused',
    { ...market, quantity: '0.001' },
    'MIN_NOTIONAL',
    '/quantity',
    { minNotional: '50.01' },
  ],
  ['a buy above the band, is refused', price('75000.02'), 'PRICE_OUT_OF_BAND', '/price'],
  ['a sell below the band, is refused', { ...price('25000'), side: 'SELL' }, 'PRICE_OUT_OF_BAND', '/price'],
];
for (const [title, request, code, pointer, changed] of refusals) {
  test(`order: ${title}`, isRefused, request, code, pointer, changed);
}
for (const status of ['CANCEL_ONLY', 'HALTED', 'DELISTED'] as const) {
  test(`order: the market is ${status}, is refused`, isRefused, limit, 'MARKET_NOT_ACTIVE', undefined, { status });
}
test('order: a taker on a post-only market, is refused', isRefused, limit, 'MARKET_POST_ONLY', undefined, {
  status: 'POST_ONLY',
});
test('order: post-only on a post-only market, is placed', (t) => {
  t.true(judge({ ...limit, postOnly: true }, { status: 'POST_ONLY' }).postOnly);
});

test('market: tick × lot finer than a quote atom, is no market', (t) => {
  t.throws(() => readMarket({ ...terms, lotSize: '0.00001' }, scales), { message: /whole atoms/ });
});
test('market: an order worth 2^53 ticks × lots, is no market', (t) => {
  t.throws(() => readMarket({ ...terms, maxQuantity: '10000000' }, scales), { message: /2\^53/ });
});
test('order: DAY, ends at the first midnight UTC after it was placed', (t) => {
  const midnight = Date.parse('2026-03-02T00:00:00Z');
  t.is(endOfDay(Date.parse('2026-03-01T23:59:59.999Z')), midnight);
  t.is(endOfDay(Date.parse('2026-03-01T00:00:00Z')), midnight);
});
