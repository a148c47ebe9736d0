import test from 'ava';
import { DomainError, type ErrorCode } from '../../../domain/errors.ts';
import { readMarket } from '../../../domain/trading/market.ts';
import { judgeList, type LegRequest, type ListRequest } from '../../../domain/trading/order-list.ts';
import { scales, terms } from './terms.ts';

/** 50 000.00 */
const reference = 5_000_000;
const judge = (request: ListRequest) => judgeList(request, readMarket(terms, scales), reference);

const above: LegRequest = { orderType: 'LIMIT', price: '52000' };
const under: LegRequest = { orderType: 'STOP', stopPrice: '48000' };
const selling: ListRequest = { symbol: 'BTC/USDT', side: 'SELL', quantity: '1', orders: [above, under] };
const buying: ListRequest = {
  ...selling,
  side: 'BUY',
  orders: [
    { orderType: 'STOP_LIMIT', stopPrice: '52000', price: '53000' },
    { orderType: 'LIMIT', price: '48000' },
  ],
};

test('list: a sell, reserves the quantity, whichever leg comes first', (t) => {
  const { limit, stop, reserving } = judge(selling);
  t.like([limit, stop, reserving], [{ price: '52000' }, { stopPrice: '48000' }, { reserveAmount: '1' }]);
  t.deepEqual(judge({ ...selling, orders: [under, above] }), { limit, stop, reserving });
});

test('list: a buy, reserves for the leg that needs more', (t) => {
  t.is(judge(buying).reserving.reserveAmount, '53000');
  const cheap = { orderType: 'STOP_LIMIT', stopPrice: '52000', price: '47000' } as const;
  t.is(judge({ ...buying, orders: [cheap, buying.orders[1]] }).reserving.reserveAmount, '48000');
});

const isRefused = test.macro((t, request: ListRequest, code: ErrorCode, pointer: string) => {
  const error = t.throws(() => judge(request), { instanceOf: DomainError });
  t.is(error.code, code);
  t.is(error.details.errors?.[0]?.pointer, pointer);
});
const legs = (...orders: [LegRequest, LegRequest]): ListRequest => ({ ...selling, orders });
const market: LegRequest = { orderType: 'MARKET' };

test('list: two limit orders, refused', isRefused, legs(above, above), 'INVALID_REQUEST', '/orders');
test('list: two stops, refused', isRefused, legs(under, under), 'INVALID_REQUEST', '/orders');
test('list: a market order, refused', isRefused, legs(market, under), 'INVALID_REQUEST', '/orders');
for (const [what, leg] of [
  ['a limit order that never rests', { ...above, timeInForce: 'IOC' }],
  ['a stop that cannot be FOK', { ...under, timeInForce: 'FOK' }],
] as const) {
  const request = leg.orderType === 'LIMIT' ? legs(leg, under) : legs(leg, above);
  test(`list: ${what}, refused`, isRefused, request, 'INVALID_REQUEST', '/orders/0/time_in_force');
}
for (const price of ['50000', '49000']) {
  const request = legs(under, { ...above, price });
  test(
    `list: a sell at ${price}, refused where the leg stands`,
    isRefused,
    request,
    'INVALID_PRICE',
    '/orders/1/price',
  );
}
for (const stopPrice of ['50000', '51000']) {
  const request = legs({ ...under, stopPrice }, above);
  test(`list: a sell’s stop at ${stopPrice}, refused`, isRefused, request, 'INVALID_PRICE', '/orders/0/stop_price');
}
const low = { ...buying, orders: [{ ...buying.orders[0], stopPrice: '49999' }, buying.orders[1]] } as const;
test('list: a buy’s stop below the market, refused', isRefused, low, 'INVALID_PRICE', '/orders/0/stop_price');
const high = { ...buying, orders: [buying.orders[0], { ...buying.orders[1], price: '50000' }] } as const;
test('list: a buy at the market, refused', isRefused, high, 'INVALID_PRICE', '/orders/1/price');
const odd = legs(under, { ...above, price: '52000.001' });
test('list: a price between ticks, refused', isRefused, odd, 'INVALID_PRICE', '/orders/1/price');
const tiny = { ...selling, quantity: '0.00001' };
test('list: a quantity between lots, refused for both', isRefused, tiny, 'INVALID_QUANTITY', '/quantity');
