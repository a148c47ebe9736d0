import test from 'ava';
import {
  type AmendRefusal,
  type Book,
  type MarketStatus,
  type OrderCommand,
  type OrderTerms,
} from '../../../matcher/engine/types.ts';
import { amendOf, limits, order, termsOf, type AmendWish } from './commands.ts';
import { createRecorder } from './recorder.ts';
import { bookWith, buy, fresh, now, place, sell, tell } from './story.ts';

/** What an amend of an order that is as it was placed does, one line an event; and why it was refused. */
function amend(book: Book, placed: OrderCommand, wish: Partial<AmendWish>, from: OrderTerms = termsOf(placed)) {
  let refused: AmendRefusal | undefined;
  const told = tell((sink) => {
    refused = book.amend(amendOf(placed, from, wish), now, sink);
  });
  return { told, refused };
}

const idsAt = (book: Book, side: 'BUY' | 'SELL') => [...book.orders(side)].map(({ id }) => id);

const [first, second] = [buy('a', 5, 100), buy('b', 3, 100, { userId: 'dave' })];

test('amend: less of the quantity alone, keeps the place and releases the difference', (t) => {
  const book = bookWith(first, second);
  const { told } = amend(book, first, { lots: 2 });
  t.deepEqual(told, ['a lowered: 2@100 open 2 release 300', '#3 bid 100: 5']);
  t.deepEqual(idsAt(book, 'BUY'), ['a', 'b']);
  t.deepEqual(place(book, sell('s', 2, 100))[0], 'trade 1 a/s 2@100 release 0');
});

test('amend: more of the quantity, is last of its price and keeps its funds', (t) => {
  const book = bookWith(first, second);
  t.deepEqual(amend(book, first, { lots: 6 }).told, [
    'a replaced: 6@100 open 6 release 0',
    '#3 bid 100: 3',
    'a rests 6',
    '#4 bid 100: 9',
  ]);
  t.deepEqual(idsAt(book, 'BUY'), ['b', 'a']);
});

test('amend: to a lower price, rests there and releases what it reserves less', (t) => {
  const book = bookWith(first, second);
  t.deepEqual(amend(book, first, { limitTicks: 90 }).told, [
    'a replaced: 5@90 open 5 release 50',
    '#3 bid 100: 3',
    'a rests 5',
    '#4 bid 90: 5',
  ]);
});

test('amend: to a price that crosses, trades at once at the makers’ prices as the taker', (t) => {
  const book = bookWith(first, sell('s', 2, 104));
  t.deepEqual(amend(book, first, { limitTicks: 105 }).told, [
    'a replaced: 5@105 open 5 release 0',
    '#3 bid 100: 0',
    'trade 1 s/a 2@104 release 2',
    's FILLED left 0 release 0',
    '#4 ask 104: 0',
    'a rests 3',
    '#5 bid 105: 3',
  ]);
});

test('amend: filled whole by what it meets, is FILLED', (t) => {
  const book = bookWith(first, sell('s', 9, 104));
  t.is(amend(book, first, { limitTicks: 104 }).told.at(-1), 'a FILLED left 0 release 0');
  t.is(book.find('a'), undefined);
});

test('amend: of an order that was filled in part, counts what is filled', (t) => {
  const book = bookWith(first, sell('s', 2, 100));
  t.is(amend(book, first, { lots: 2 }).refused, 'INVALID_QUANTITY');
  t.deepEqual(amend(book, first, { lots: 3 }).told, ['a lowered: 3@100 open 1 release 200', '#3 bid 100: 1']);
  // The door set 3 × 50 aside in case nothing were filled, and 7 to spare: of that, and of 100, the open 1 × 150 stays.
  const { told } = amend(book, first, { limitTicks: 150, spare: 7 }, { lots: 3, limitTicks: 100, stopTicks: 0 });
  t.is(told[0], 'a replaced: 3@150 open 1 release 107');
});

test('amend: meets an own order, does as its self-trade prevention says', (t) => {
  const ask = sell('s', 2, 104, { userId: 'alice' });
  t.is(
    amend(bookWith(first, ask), first, { limitTicks: 105 }).told.at(-1),
    'a CANCELLED SELF_TRADE_PREVENTION left 3 release 315',
  );
  const decrement = buy('d', 5, 100, { selfTradePrevention: 'DECREMENT' });
  const { told } = amend(bookWith(decrement, ask), decrement, { limitTicks: 105 });
  t.true(told.includes('prevented s/d 2@104 releases 2 210'));
  t.true(told.includes('d rests 3'));
});

test('amend: a change of nothing, is accepted and changes nothing', (t) => {
  const book = bookWith(first, second);
  const before = book.hash();
  t.deepEqual(amend(book, first, {}).told, ['a lowered: 5@100 open 5 release 0']);
  t.is(book.hash(), before);
});

test('amend: of what it is already, is accepted whatever it saw, and its funds are released', (t) => {
  const book = bookWith(first);
  amend(book, first, { limitTicks: 110 });
  t.deepEqual(amend(book, first, { limitTicks: 110 }).told, ['a lowered: 5@110 open 5 release 50']);
});

test('amend: its trades come to a stop, trigger it', (t) => {
  const stop = order('x', {
    orderType: 'STOP',
    timeInForce: 'IOC',
    stopTicks: 104,
    limitTicks: 110,
    userId: 'carol',
    ...fresh,
  });
  const book = bookWith(first, sell('s', 2, 104), stop);
  t.true(amend(book, first, { limitTicks: 104 }).told.includes('x is triggered'));
});

test('amend: of a DAY order, ends with its day as before', (t) => {
  const day = buy('d', 5, 100, { timeInForce: 'DAY', expiresAt: now + 10 });
  const book = bookWith(day);
  amend(book, day, { limitTicks: 101 });
  t.is(tell((sink) => book.expireDue(now + 10, sink))[0], 'd EXPIRED DAY_END left 5 release 505');
});

const isRefused = test.macro({
  title: (_, circumstance: string, __: Book, ___: OrderCommand, ____: Partial<AmendWish>, reason: AmendRefusal) =>
    `amend: ${circumstance}, is refused ${reason} and changes nothing`,
  exec: (
    t,
    _circumstance: string,
    book: Book,
    placed: OrderCommand,
    wish: Partial<AmendWish>,
    reason: AmendRefusal,
  ) => {
    const before = book.hash();
    const { told, refused } = amend(book, placed, wish);
    t.is(refused, reason);
    t.deepEqual(told, []);
    t.is(book.hash(), before);
  },
});
const postOnly = buy('p', 5, 100, { postOnly: true });
const stop = order('x', { orderType: 'STOP_LIMIT', stopTicks: 110, limitTicks: 111, lots: 4, ...fresh });
const traded = [sell('m', 1, 105), buy('t', 1, 105, { userId: 'erin' })];
function inMarket(status: MarketStatus, ...resting: OrderCommand[]): Book {
  const book = bookWith(...resting);
  book.changeMarket({ ...limits, status }, now, createRecorder().sink);
  return book;
}
test(isRefused, 'an unknown order', bookWith(), first, { lots: 2 }, 'ORDER_NOT_OPEN');
test(isRefused, 'after another amend', bookWith(first), first, { lots: 2, isStale: true }, 'ORDER_CHANGED');
test(isRefused, 'with too little set aside', bookWith(first), first, { lots: 6, spare: -1 }, 'ORDER_CHANGED');
test(isRefused, 'a price above the limits', bookWith(first), first, { limitTicks: 1001 }, 'INVALID_PRICE');
test(isRefused, 'a quantity above the limits', bookWith(first), first, { lots: 1001 }, 'INVALID_QUANTITY');
test(
  isRefused,
  'a post-only order that would take',
  bookWith(postOnly, sell('s', 1, 104)),
  postOnly,
  { limitTicks: 104 },
  'POST_ONLY_WOULD_TAKE',
);
test(
  isRefused,
  'a stop that would trigger at once',
  bookWith(...traded, stop),
  stop,
  { stopTicks: 105 },
  'STOP_WOULD_TRIGGER',
);
test(isRefused, 'a market that is HALTED', inMarket('HALTED', first), first, { lots: 2 }, 'MARKET_NOT_ACTIVE');
test(
  isRefused,
  'a market that is CANCEL_ONLY',
  inMarket('CANCEL_ONLY', first),
  first,
  { lots: 2 },
  'MARKET_NOT_ACTIVE',
);
test(isRefused, 'a market that is POST_ONLY', inMarket('POST_ONLY', first), first, { lots: 2 }, 'MARKET_POST_ONLY');

test('amend: a post-only order in a market that is POST_ONLY, is amended', (t) => {
  t.is(amend(inMarket('POST_ONLY', postOnly), postOnly, { limitTicks: 99 }).refused, undefined);
});

test('amend: a stop that waits, changes its prices and quantity and waits behind the others', (t) => {
  const other = order('y', { orderType: 'STOP_LIMIT', stopTicks: 112, limitTicks: 111, userId: 'dave', ...fresh });
  const book = bookWith(stop, other);
  t.deepEqual(amend(book, stop, { stopTicks: 112, limitTicks: 115, lots: 6 }).told, [
    'x replaced: 6@115 from 112 open 6 release 0',
    'x waits as 3',
  ]);
  place(book, sell('m', 1, 112));
  const told = place(book, buy('t', 1, 112, { userId: 'erin' }));
  t.deepEqual(
    told.filter((line) => line.endsWith('is triggered')),
    ['y is triggered', 'x is triggered'],
  );
  t.true(told.includes('x rests 6'));
});

test('amend: less of a stop that waits, keeps its place among them', (t) => {
  const book = bookWith(stop);
  t.deepEqual(amend(book, stop, { lots: 1 }).told, ['x lowered: 1@111 from 110 open 1 release 333']);
  t.is(book.find('x')?.stopSeq, 1);
  t.is(tell((sink) => book.cancel('x', 'USER', now, sink))[0], 'x CANCELLED USER left 1 release 111');
});

test('amend: the stop price of one that was triggered meanwhile, is refused; its price, is not', (t) => {
  const book = bookWith(stop, sell('m', 1, 110), buy('t', 1, 110, { userId: 'erin' }));
  t.is(amend(book, stop, { stopTicks: 112 }).refused, 'ORDER_CHANGED');
  t.is(amend(book, stop, { limitTicks: 109 }).refused, undefined);
});

test('amend: the stop price of a STOP by quote amount, keeps its budget', (t) => {
  const budget = order('x', {
    orderType: 'STOP',
    timeInForce: 'IOC',
    stopTicks: 110,
    limitTicks: 115,
    budget: 500,
    ...fresh,
  });
  const book = bookWith(budget);
  t.is(amend(book, budget, { stopTicks: 120, limitTicks: 126 }).told.at(-1), 'x waits as 2');
  t.is(tell((sink) => book.cancel('x', 'USER', now, sink))[0], 'x CANCELLED USER left 0 release 500');
});

test('amend: numbers that are no order’s, throw before anything changed', (t) => {
  const book = bookWith(first);
  const before = book.hash();
  for (const to of [{ lots: 0 }, { lots: 1.5 }, { limitTicks: 0 }, { stopTicks: 5 }, { limitTicks: 2 ** 53 }]) {
    const command = amendOf(first, termsOf(first));
    t.throws(() => book.amend({ ...command, to: { ...command.to, ...to } }, now, createRecorder().sink));
  }
  t.throws(() => book.amend({ ...amendOf(first, termsOf(first)), funds: -1 }, now, createRecorder().sink));
  t.is(book.hash(), before);
});
