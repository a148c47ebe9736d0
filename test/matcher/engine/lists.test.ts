import test from 'ava';
import { createBook } from '../../../matcher/engine/book.ts';
import { type Book, type ListCommand, type OrderCommand } from '../../../matcher/engine/types.ts';
import { amendOf, limits, order, termsOf } from './commands.ts';
import { createRecorder } from './recorder.ts';
import { bookWith, buy, now, place, sell, tell } from './story.ts';

type Terms = Partial<OrderCommand>;

/** Alice sells 10 at 120, or once the market falls to 90. */
function list(given: Terms = {}, limit: Terms = {}, stop: Terms = {}): ListCommand {
  const common = { side: 'SELL', lots: 10, createdAt: now, orderListId: 'list', ...given } as const;
  return {
    limit: order('limit', { ...common, limitTicks: 120, ...limit }),
    stop: order('stop', {
      ...{ ...common, orderType: 'STOP', timeInForce: 'IOC', limitTicks: 85, stopTicks: 90 },
      ...stop,
    }),
  };
}

/** She buys 10 at 80, or once the market rises to 110. */
const buying = list(
  { side: 'BUY' },
  { limitTicks: 80, reserveTicks: 80 },
  { limitTicks: 115, stopTicks: 110, reserveTicks: 115 },
);

const placeList = (book: Book, given: ListCommand, time = now): string[] =>
  tell((sink) => {
    book.placeList(given, time, sink);
  });

/** A book whose last trade was at a price, and then holds a list. */
function bookWithList(given = list()): Book {
  const book = bookWith(sell('a', 1, 100), buy('b', 1, 100));
  placeList(book, given);
  return book;
}

test('list: taken in, has its stop wait and its limit order rest', (t) => {
  const book = bookWith();
  t.deepEqual(placeList(book, list()), ['stop waits as 1', 'limit rests 10', '#1 ask 120: 10']);
  t.is(book.openOrders, 2);
});

test('list: a fill of part of its limit order, ends the stop, and all is released that the rest does not need', (t) => {
  const book = bookWithList(buying);
  t.deepEqual(place(book, sell('c', 3, 80)), [
    'stop CANCELLED OCO_OTHER_LEG left 10 release 350',
    'trade 2 limit/c 3@80 release 0',
    '#4 bid 80: 7',
    'c FILLED left 0 release 0',
  ]);
  t.deepEqual(
    tell((sink) => book.cancel('limit', 'USER', now, sink)),
    ['limit CANCELLED USER left 7 release 560', '#5 bid 80: 0'],
  );
});

test('list: its stop price, ends the limit order before the stop acts', (t) => {
  const book = bookWithList();
  place(book, buy('c', 20, 90, { userId: 'carol' }));
  t.deepEqual(place(book, sell('d', 1, 90)), [
    'trade 2 c/d 1@90 release 0',
    '#5 bid 90: 19',
    'd FILLED left 0 release 0',
    'stop is triggered',
    'limit CANCELLED OCO_OTHER_LEG left 10 release 0',
    '#6 ask 120: 0',
    'trade 3 c/stop 10@90 release 0',
    '#7 bid 90: 9',
    'stop FILLED left 0 release 0',
  ]);
});

test('list: whose limit order takes when it comes in, has no stop any more', (t) => {
  const book = bookWith(buy('b', 4, 125, { userId: 'bob' }));
  t.deepEqual(placeList(book, list()), [
    'stop waits as 1',
    'stop CANCELLED OCO_OTHER_LEG left 10 release 0',
    'trade 1 b/limit 4@125 release 0',
    'b FILLED left 0 release 0',
    '#2 bid 125: 0',
    'limit rests 6',
    '#3 ask 120: 6',
  ]);
});

for (const [leg, expected] of [
  ['limit', ['limit CANCELLED USER left 10 release 0', 'stop CANCELLED OCO_OTHER_LEG left 10 release 10']],
  ['stop', ['stop CANCELLED USER left 10 release 0', 'limit CANCELLED OCO_OTHER_LEG left 10 release 10']],
] as const) {
  test(`list: its ${leg} cancelled, ends both and releases the quantity once`, (t) => {
    const book = bookWithList();
    const told = tell((sink) => book.cancel(leg, 'USER', now, sink));
    t.deepEqual(told.slice(0, 2), [...expected]);
    t.is(book.openOrders, 0);
  });
}

test('list: a refused leg, ends both before either is in the book', (t) => {
  const book = bookWith(sell('a', 1, 90), buy('b', 1, 90));
  t.deepEqual(placeList(book, list()), [
    'stop REJECTED STOP_WOULD_TRIGGER left 10 release 0',
    'limit CANCELLED OCO_OTHER_LEG left 10 release 10',
  ]);
  place(book, buy('c', 1, 125, { userId: 'carol' }));
  t.deepEqual(placeList(book, list({}, { postOnly: true }, { stopTicks: 80, limitTicks: 70 })), [
    'stop waits as 1',
    'limit REJECTED POST_ONLY_WOULD_TAKE left 10 release 0',
    'stop CANCELLED OCO_OTHER_LEG left 10 release 10',
  ]);
});

test('list: a DAY leg that expires, ends the other', (t) => {
  const book = bookWithList(list({}, { timeInForce: 'DAY', expiresAt: now + 100 }));
  t.deepEqual(
    tell((sink) => book.expireDue(now + 100, sink)),
    ['limit EXPIRED DAY_END left 10 release 0', 'stop CANCELLED OCO_OTHER_LEG left 10 release 10', '#4 ask 120: 0'],
  );
});

test('list: what self-trade prevention takes from its limit order, stays reserved for the stop', (t) => {
  const book = bookWithList();
  t.deepEqual(place(book, buy('own', 4, 120, { selfTradePrevention: 'DECREMENT' })), [
    'prevented limit/own 4@120 releases 0 480',
    '#4 ask 120: 6',
    'own CANCELLED SELF_TRADE_PREVENTION left 0 release 0',
  ]);
  t.deepEqual(place(book, buy('more', 8, 120, { selfTradePrevention: 'EXPIRE_MAKER' })).slice(0, 3), [
    'prevented limit/more 6@120 releases 0 0',
    'limit CANCELLED SELF_TRADE_PREVENTION left 0 release 0',
    'stop CANCELLED OCO_OTHER_LEG left 10 release 10',
  ]);
});

const day = { timeInForce: 'DAY', expiresAt: now + 100 } as const;

test('list: whose legs end for one reason, says it of both', (t) => {
  const whole = (reason: string) => [`limit ${reason} left 10 release 0`, `stop ${reason} left 10 release 10`];
  const both = list({}, day, { orderType: 'STOP_LIMIT', limitTicks: 85, ...day });
  const ended = (told: string[]) => told.filter((line) => !line.startsWith('#'));
  const due = bookWithList(both);
  t.deepEqual(ended(tell((sink) => due.expireDue(now + 100, sink))), whole('EXPIRED DAY_END'));
  const late = createBook(limits);
  t.deepEqual(ended(tell((sink) => late.placeList(both, now + 100, sink))), whole('EXPIRED DAY_END'));
  const delisted = bookWithList();
  const gone = tell((sink) => delisted.changeMarket({ ...limits, status: 'DELISTED' }, now, sink));
  t.deepEqual(ended(gone), whole('CANCELLED DELISTED'));
  t.deepEqual(placeList(createBook({ ...limits, status: 'HALTED' }), list()), whole('REJECTED MARKET_NOT_ACTIVE'));
  const takenBack = createBook(limits);
  takenBack.cancelAll('alice', 'CANCEL_ALL', now, now, createRecorder().sink);
  t.deepEqual(placeList(takenBack, list()), whole('CANCELLED CANCEL_ALL'));
});

test('list: cancelled with all of its user’s orders, tells each leg once', (t) => {
  const book = bookWithList();
  t.deepEqual(
    tell((sink) => book.cancelAll('alice', 'CANCEL_ALL', now, now, sink)),
    ['limit CANCELLED CANCEL_ALL left 10 release 0', 'stop CANCELLED CANCEL_ALL left 10 release 10', '#4 ask 120: 0'],
  );
});

test('list: a leg that is amended, stays as it was', (t) => {
  const book = bookWithList();
  const { limit } = list();
  const amend = amendOf(limit, termsOf(limit), { lots: 5 });
  t.is(book.amend(amend, now, createRecorder().sink), 'ORDER_IN_LIST');
});

test('list: of two orders that are none, is a bug', (t) => {
  const bad = [
    list({}, {}, { userId: 'bob' }),
    list({}, {}, { lots: 9 }),
    list({}, { timeInForce: 'IOC' }),
    list({}, {}, { orderId: 'limit' }),
    { limit: list().limit, stop: { ...list().limit, orderId: 'stop' } },
  ];
  for (const given of bad) t.throws(() => placeList(bookWith(), given), { message: /Invariant/ });
});

test('list: taken in twice, is there once', (t) => {
  const book = bookWithList();
  t.deepEqual(placeList(book, list()), []);
});

test('list: restored, is one still; legs that do not belong together are a broken state', (t) => {
  const { limit, stop } = list();
  const state = { bookSeq: 4, tradeSeq: 1, stopSeq: 1, lastTicks: 100, cancelledBefore: new Map<string, number>() };
  const resting = { ...limit, prioritySeq: 4, executedLots: 0, executedQuote: 0, preventedLots: 0 };
  const stops = [{ ...stop, stopSeq: 1 }];
  const book = createBook(limits);
  book.restore({ ...state, orders: [resting], stops });
  const apart = createBook(limits);
  apart.restore({ ...state, orders: [resting], stops: [{ ...stop, stopSeq: 1, orderListId: undefined }] });
  t.not(book.hash(), apart.hash());
  t.is(tell((sink) => book.cancel('stop', 'USER', now, sink)).length, 3);
  t.throws(() => createBook(limits).restore({ ...state, orders: [], stops }), { message: /leg that waits/ });
});
