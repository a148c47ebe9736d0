import test from 'ava';
import { createBook } from '../../../matcher/engine/book.ts';
import { type MarketStatus, type OrderCommand, type SelfTradePrevention } from '../../../matcher/engine/types.ts';
import { limits, order } from './commands.ts';
import { createRecorder } from './recorder.ts';
import { bookWith, buy, fresh, now, place, sell, tell } from './story.ts';

const market = { orderType: 'MARKET', timeInForce: 'IOC' } as const;
const spend = (budget: number, limitTicks: number, given: Partial<OrderCommand> = {}) =>
  order('t', { ...market, budget, limitTicks, ...fresh, ...given });

const tells = test.macro({
  title: (_, circumstance: string, _resting: OrderCommand[], _taker: OrderCommand, story: string[]) =>
    `place: ${circumstance}, gives ${story.at(-1) ?? 'nothing'}`,
  exec: (t, _circumstance: string, resting: OrderCommand[], taker: OrderCommand, story: string[]) => {
    t.deepEqual(place(bookWith(...resting), taker), story);
  },
});

const asks = [sell('a', 2, 100), sell('b', 3, 100), sell('c', 5, 102)];

test(tells, 'a bid below the asks', asks, buy('t', 4, 99), ['t rests 4', '#4 bid 99: 4']);
test(tells, 'a buy through two prices', asks, buy('t', 7, 103), [
  'trade 1 a/t 2@100 release 6',
  'a FILLED left 0 release 0',
  'trade 2 b/t 3@100 release 9',
  'b FILLED left 0 release 0',
  '#4 ask 100: 0',
  'trade 3 c/t 2@102 release 2',
  '#5 ask 102: 3',
  't FILLED left 0 release 0',
]);
test(tells, 'a sell that takes and rests', [buy('a', 2, 100)], sell('t', 5, 99), [
  'trade 1 a/t 2@100 release 0',
  'a FILLED left 0 release 0',
  '#2 bid 100: 0',
  't rests 3',
  '#3 ask 99: 3',
]);
test(tells, 'an IOC buy of more than there is', [asks[0]!], buy('t', 5, 101, { timeInForce: 'IOC' }), [
  'trade 1 a/t 2@100 release 2',
  'a FILLED left 0 release 0',
  '#2 ask 100: 0',
  't CANCELLED IOC_REMAINDER left 3 release 303',
]);
test(tells, 'a market buy past its protection price', asks, buy('t', 9, 101, market), [
  'trade 1 a/t 2@100 release 2',
  'a FILLED left 0 release 0',
  'trade 2 b/t 3@100 release 3',
  'b FILLED left 0 release 0',
  '#4 ask 100: 0',
  't CANCELLED COLLAR left 4 release 404',
]);
test(tells, 'a market sell into an empty book', [], sell('t', 3, 1, market), [
  't CANCELLED MARKET_REMAINDER left 3 release 3',
]);
test(tells, 'a budget with less than a lot left', asks, spend(350, 110), [
  'trade 1 a/t 2@100 release 0',
  'a FILLED left 0 release 0',
  'trade 2 b/t 1@100 release 0',
  '#4 ask 100: 2',
  't FILLED left 0 release 50',
]);
test(tells, 'a budget below one lot', asks, spend(99, 110), ['t CANCELLED BUDGET_TOO_SMALL left 0 release 99']);
test(tells, 'a budget that empties the book', [asks[0]!], spend(250, 110), [
  'trade 1 a/t 2@100 release 0',
  'a FILLED left 0 release 0',
  '#2 ask 100: 0',
  't CANCELLED MARKET_REMAINDER left 0 release 50',
]);
test(tells, 'a budget past its protection price', [sell('a', 1, 120)], spend(500, 110), [
  't CANCELLED COLLAR left 0 release 500',
]);
test(tells, 'a FOK budget that the book fills', [asks[0]!], spend(200, 110, { timeInForce: 'FOK' }), [
  'trade 1 a/t 2@100 release 0',
  'a FILLED left 0 release 0',
  '#2 ask 100: 0',
  't FILLED left 0 release 0',
]);
test(tells, 'a FOK budget that empties the book', [asks[0]!], spend(250, 110, { timeInForce: 'FOK' }), [
  't CANCELLED FOK_NOT_FILLABLE left 0 release 250',
]);
test(tells, 'a FOK for one lot too many', asks, buy('t', 6, 101, { timeInForce: 'FOK' }), [
  't CANCELLED FOK_NOT_FILLABLE left 6 release 606',
]);
test(
  tells,
  'a FOK that would meet its own order',
  [...asks, sell('o', 1, 100, { userId: 'alice' })],
  buy('t', 6, 100, { timeInForce: 'FOK', selfTradePrevention: 'EXPIRE_MAKER' }),
  ['t CANCELLED FOK_NOT_FILLABLE left 6 release 600'],
);
test(tells, 'post-only at the best ask', asks, buy('t', 1, 100, { postOnly: true }), [
  't REJECTED POST_ONLY_WOULD_TAKE left 1 release 100',
]);
test(
  tells,
  'post-only against one’s own order only',
  [sell('o', 1, 100, { userId: 'alice' })],
  buy('t', 1, 100, { postOnly: true }),
  ['t REJECTED POST_ONLY_WOULD_TAKE left 1 release 100'],
);
test(tells, 'a price above the limits', [], buy('t', 1, 1001), ['t REJECTED INVALID_PRICE left 1 release 1001']);
test(tells, 'a quantity above the limits', [], buy('t', 1001, 1), [
  't REJECTED INVALID_QUANTITY left 1001 release 1001',
]);
test(
  tells,
  'an IOC order that is 5 001 ms old',
  asks,
  buy('t', 1, 100, { timeInForce: 'IOC', createdAt: now - 5001 }),
  ['t EXPIRED TOO_LATE left 1 release 100'],
);
test(tells, 'a DAY order after its day', [], buy('t', 1, 100, { timeInForce: 'DAY', expiresAt: now }), [
  't EXPIRED DAY_END left 1 release 100',
]);
test(tells, 'an id that is in the book', asks, sell('a', 9, 90), []);

const prevents = test.macro({
  title: (_, mode: SelfTradePrevention) => `self-trade prevention: ${mode}, ends whom it says`,
  exec: (t, selfTradePrevention: SelfTradePrevention, story: string[]) => {
    const book = bookWith(sell('own', 3, 100, { userId: 'alice' }), sell('b', 4, 100));
    t.deepEqual(place(book, buy('t', 5, 101, { selfTradePrevention })), story);
  },
});

test(prevents, 'EXPIRE_TAKER', [
  'prevented own/t 3@100 releases 0 303',
  't CANCELLED SELF_TRADE_PREVENTION left 2 release 202',
]);
test(prevents, 'EXPIRE_MAKER', [
  'prevented own/t 3@100 releases 3 0',
  'own CANCELLED SELF_TRADE_PREVENTION left 0 release 0',
  'trade 1 b/t 4@100 release 4',
  'b FILLED left 0 release 0',
  '#3 ask 100: 0',
  't rests 1',
  '#4 bid 101: 1',
]);
test(prevents, 'EXPIRE_BOTH', [
  'prevented own/t 3@100 releases 3 303',
  'own CANCELLED SELF_TRADE_PREVENTION left 0 release 0',
  '#3 ask 100: 4',
  't CANCELLED SELF_TRADE_PREVENTION left 2 release 202',
]);
test(prevents, 'DECREMENT', [
  'prevented own/t 3@100 releases 3 303',
  'own CANCELLED SELF_TRADE_PREVENTION left 0 release 0',
  'trade 1 b/t 2@100 release 2',
  '#3 ask 100: 2',
  't CANCELLED SELF_TRADE_PREVENTION left 0 release 0',
]);

const refusesIn = test.macro({
  title: (_, status: MarketStatus) => `place: in a market that is ${status}, is told so`,
  exec: (t, status: MarketStatus, given: Partial<OrderCommand>, story: string[]) => {
    const book = createBook({ ...limits, status });
    t.deepEqual(place(book, buy('t', 1, 100, given)), story);
  },
});

test(refusesIn, 'HALTED', {}, ['t REJECTED MARKET_NOT_ACTIVE left 1 release 100']);
test(refusesIn, 'CANCEL_ONLY', {}, ['t REJECTED MARKET_NOT_ACTIVE left 1 release 100']);
test(refusesIn, 'DELISTED', {}, ['t REJECTED MARKET_NOT_ACTIVE left 1 release 100']);
test(refusesIn, 'POST_ONLY', {}, ['t REJECTED MARKET_POST_ONLY left 1 release 100']);

test('place: post-only in a market that is POST_ONLY, rests', (t) => {
  const book = createBook({ ...limits, status: 'POST_ONLY' });
  t.deepEqual(place(book, buy('t', 1, 100, { postOnly: true })), ['t rests 1', '#1 bid 100: 1']);
});

test('cancel: an open order, gives its reservation back; a second time, does nothing', (t) => {
  const book = bookWith(buy('a', 3, 100));
  const cancel = () => tell((sink) => book.cancel('a', 'USER', now, sink));
  t.deepEqual(cancel(), ['a CANCELLED USER left 3 release 300', '#2 bid 100: 0']);
  t.deepEqual(cancel(), []);
  t.is(book.find('a'), undefined);
});

test('cancelAll: of one user, ends theirs oldest first and what of theirs was still on its way', (t) => {
  const book = bookWith(buy('a', 1, 100), buy('b', 1, 90), buy('c', 1, 95, { userId: 'carol' }));
  const story = tell((sink) => t.is(book.cancelAll('alice', 'CANCEL_ALL', now, now, sink), 2));
  t.deepEqual(story, [
    'a CANCELLED CANCEL_ALL left 1 release 100',
    '#4 bid 100: 0',
    'b CANCELLED CANCEL_ALL left 1 release 90',
    '#5 bid 90: 0',
  ]);
  t.deepEqual(place(book, buy('d', 1, 80)), ['d CANCELLED CANCEL_ALL left 1 release 80']);
  t.deepEqual(place(book, buy('e', 1, 80, { createdAt: now + 1 })), ['e rests 1', '#6 bid 80: 1']);
});

test('expireDue: at the end of two days, ends what is due in order of priority', (t) => {
  const day = (id: string, expiresAt: number) => buy(id, 1, 100, { timeInForce: 'DAY', expiresAt });
  const book = bookWith(day('b', now + 20), day('a', now + 10), day('c', now + 10), buy('d', 1, 100));
  t.deepEqual(
    tell((sink) => book.expireDue(now + 9, sink)),
    [],
  );
  const ended = tell((sink) => book.expireDue(now + 30, sink)).filter((told) => told.includes('EXPIRED'));
  t.deepEqual(
    ended,
    ['a', 'c', 'b'].map((id) => `${id} EXPIRED DAY_END left 1 release 100`),
  );
  t.is(book.openOrders, 1);
});

test('changeMarket: to DELISTED, cancels everything, best first', (t) => {
  const book = bookWith(buy('a', 1, 90), buy('b', 1, 95), sell('c', 1, 100));
  const story = tell((sink) => book.changeMarket({ ...limits, status: 'DELISTED' }, now, sink));
  t.deepEqual(
    story.filter((told) => told.includes('DELISTED')).map((told) => told[0]),
    ['b', 'a', 'c'],
  );
});

test('lastTicks: after trades, is the price of the last', (t) => {
  const book = bookWith(...asks);
  t.is(book.lastTicks, 0);
  place(book, buy('t', 6, 102));
  t.deepEqual([book.lastTicks, book.tradeSeq], [102, 3]);
});

test('hash: of books that differ in one number, differs', (t) => {
  const hashes = [
    bookWith(),
    bookWith(buy('a', 1, 100)),
    bookWith(buy('b', 1, 100)),
    bookWith(buy('a', 2, 100)),
    bookWith(buy('a', 1, 101)),
    bookWith(sell('a', 1, 100)),
  ].map((book) => book.hash());
  t.is(new Set(hashes).size, hashes.length);
  t.true(hashes.every((hash) => /^[0-9a-f]{16}$/.test(hash)));
});

test('levels: of thousands of prices placed and cancelled in any order, stay sorted', (t) => {
  const book = createBook(limits);
  const { sink } = createRecorder();
  const prices = Array.from({ length: 997 }, (_, index) => ((index * 389) % 997) + 1);
  prices.forEach((price) => book.place(buy(`order-${price}`, 1, price), now, sink));
  prices.filter((price) => price % 3 > 0).forEach((price) => book.cancel(`order-${price}`, 'USER', now, sink));
  const left = prices.filter((price) => price % 3 === 0).sort((a, b) => b - a);
  t.deepEqual(
    book.depth(1000).bids.map(({ priceTicks }) => priceTicks),
    left,
  );
  left.forEach((price) => book.cancel(`order-${price}`, 'USER', now, sink));
  t.is(book.bestTicks('BUY'), 0);
});
