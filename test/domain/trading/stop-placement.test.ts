import test from 'ava';
import { DomainError, type ErrorCode } from '../../../domain/errors.ts';
import { readMarket } from '../../../domain/trading/market.ts';
import { judgeOrder, type OrderRequest, type Placement } from '../../../domain/trading/placement.ts';
import { scales, terms } from './terms.ts';

/** The market's last price, which no stop is judged by. */
const judge = (request: OrderRequest): Placement => judgeOrder(request, readMarket(terms, scales), 5_000_001);

const isPlaced = test.macro((t, request: OrderRequest, expected: Partial<Placement>) => {
  t.like(judge(request), expected);
});

const isRefused = test.macro((t, request: OrderRequest, code: ErrorCode, pointer: string) => {
  const error = t.throws(() => judge(request), { instanceOf: DomainError });
  t.is(error.code, code);
  t.is(error.details.errors?.[0]?.pointer, pointer);
});

const stop: OrderRequest = { symbol: 'BTC/USDT', side: 'BUY', orderType: 'STOP', stopPrice: '60000.01', quantity: '1' };
const stopLimit: OrderRequest = { ...stop, orderType: 'STOP_LIMIT', price: '61000' };
test('order: a STOP buy, reserves at the collar above its stop price, rounded down to a tick', isPlaced, stop, {
  timeInForce: 'IOC',
  price: undefined,
  stopPrice: '60000.01',
  stopTicks: 6_000_001,
  // 60 000.01 × 1.05 = 63 000.0105
  protectionPrice: '63000.01',
  reserveAmount: '63000.01',
  limitTicks: 6_300_001,
  reserveTicks: 6_300_001,
});
test(
  'order: a STOP sell, is protected by the collar below its stop price',
  isPlaced,
  { ...stop, side: 'SELL', stopPrice: '40000.01' },
  {
    // 40 000.01 × 0.95 = 38 000.0095
    protectionPrice: '38000.01',
    reserveAsset: 'BTC',
    reserveAmount: '1',
  },
);
test(
  'order: a STOP buy by quote_quantity, reserves its budget',
  isPlaced,
  { ...stop, quantity: undefined, quoteQuantity: '1000' },
  { budget: 1_000_000_000, reserveAmount: '1000', reservePrice: undefined, protectionPrice: '63000.01' },
);
test('order: a STOP_LIMIT buy, reserves price × quantity', isPlaced, stopLimit, {
  timeInForce: 'GTC',
  price: '61000',
  stopPrice: '60000.01',
  protectionPrice: undefined,
  reserveAmount: '61000',
  limitTicks: 6_100_000,
});
for (const timeInForce of ['DAY', 'IOC', 'FOK'] as const) {
  test(`order: a STOP_LIMIT with ${timeInForce}, is placed`, isPlaced, { ...stopLimit, timeInForce }, { timeInForce });
}
test('order: a post-only STOP_LIMIT, is placed', isPlaced, { ...stopLimit, postOnly: true }, { postOnly: true });
test(
  'order: a STOP_LIMIT buy far above the market, is within the band of its stop price',
  isPlaced,
  { ...stopLimit, stopPrice: '100000', price: '150000' },
  { price: '150000' },
);

const malformedStops: readonly [string, Partial<OrderRequest>, string][] = [
  ['a STOP without a stop price', { stopPrice: undefined }, '/stop_price'],
  ['a STOP with a price', { price: '60000' }, '/price'],
  ['a STOP that is FOK', { timeInForce: 'FOK' }, '/time_in_force'],
  ['a STOP that is GTC', { timeInForce: 'GTC' }, '/time_in_force'],
  ['a post-only STOP', { postOnly: true }, '/post_only'],
  ['a limit order with a stop price', { orderType: 'LIMIT', price: '50000' }, '/stop_price'],
  ['a market order with a stop price', { orderType: 'MARKET' }, '/stop_price'],
  ['a STOP_LIMIT without a price', { orderType: 'STOP_LIMIT' }, '/price'],
  ['quote_quantity on a STOP_LIMIT', { ...stopLimit, quoteQuantity: '9' }, '/quote_quantity'],
  ['quote_quantity on a STOP sell', { side: 'SELL', quoteQuantity: '9', quantity: undefined }, '/quote_quantity'],
  ['a stop price that is no decimal', { stopPrice: '1e3' }, '/stop_price'],
];
for (const [title, given, pointer] of malformedStops) {
  test(`order: ${title}, is malformed`, isRefused, { ...stop, ...given }, 'INVALID_REQUEST', pointer);
}
const refusals: readonly [string, OrderRequest, ErrorCode, string][] = [
  ['a stop price between ticks, is refused', { ...stop, stopPrice: '1.001' }, 'INVALID_PRICE', '/stop_price'],
  ['a stop price of zero, is refused', { ...stop, stopPrice: '0' }, 'INVALID_PRICE', '/stop_price'],
  ['a stop price above the maximum, is refused', { ...stop, stopPrice: '1000000.01' }, 'INVALID_PRICE', '/stop_price'],
  [
    'a STOP worth too little at its stop price, is refused',
    { ...stop, stopPrice: '9999.99', quantity: '0.001' },
    'MIN_NOTIONAL',
    '/quantity',
  ],
  [
    'a STOP_LIMIT worth too little at its price, is refused',
    { ...stopLimit, price: '9999.99', quantity: '0.001' },
    'MIN_NOTIONAL',
    '/quantity',
  ],
  [
    'a STOP_LIMIT buy above the band of its stop price, is refused',
    { ...stopLimit, stopPrice: '40000', price: '60000.01' },
    'PRICE_OUT_OF_BAND',
    '/price',
  ],
];
for (const [title, request, code, pointer] of refusals) test(`order: ${title}`, isRefused, request, code, pointer);
