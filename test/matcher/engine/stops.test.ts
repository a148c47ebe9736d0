import test from 'ava';
import { createBook } from '../../../matcher/engine/book.ts';
import { type Book, type OrderCommand } from '../../../matcher/engine/types.ts';
import { limits, order } from './commands.ts';
import { createRecorder } from './recorder.ts';
import { bookWith, buy, fresh, now, place, sell, tell } from './story.ts';

const carol = { userId: 'carol', ...fresh };
/** Carol's stops: STOP unless they have a limit. */
const stop = (id: string, stopTicks: number, given: Partial<OrderCommand> = {}) =>
  order(id, { orderType: 'STOP', timeInForce: 'IOC', stopTicks, limitTicks: 500, ...carol, ...given });
const stopSell = (id: string, stopTicks: number, given: Partial<OrderCommand> = {}) =>
  stop(id, stopTicks, { side: 'SELL', limitTicks: 1, ...given });
const stopLimit = (id: string, stopTicks: number, limitTicks: number, given: Partial<OrderCommand> = {}) =>
  stop(id, stopTicks, { orderType: 'STOP_LIMIT', timeInForce: 'GTC', limitTicks, ...given });

/** A book whose last trade was at a price. */
function tradedAt(priceTicks: number, ...more: OrderCommand[]): Book {
  return bookWith(sell('s', 1, priceTicks), buy('b', 1, priceTicks), ...more);
}

/** Ids of the stops that a trade triggers, in order. */
function triggeredBy(book: Book, priceTicks: number): string[] {
  place(book, sell('maker', 1, priceTicks));
  const { sink, events } = createRecorder();
  book.place(buy('taker', 1, priceTicks, { timeInForce: 'IOC' }), now, sink);
  return events.filter((event) => event.type === 'triggered').map((event) => event.order.id);
}

test('stop: before the first trade, waits and is in no depth', (t) => {
  const book = bookWith();
  t.deepEqual(place(book, stop('x', 100)), ['x waits as 1']);
  t.deepEqual(place(book, stopSell('y', 100)), ['y waits as 2']);
  t.deepEqual(book.depth(10), { bids: [], asks: [] });
  t.deepEqual([book.openOrders, book.bookSeq, book.stopSeq], [2, 0, 2]);
  t.is(book.find('x')?.stopSeq, 1);
});

const isRejected = test.macro({
  title: (_, circumstance: string, __: OrderCommand, reason: string) => `stop: ${circumstance}, is REJECTED ${reason}`,
  exec: (t, _circumstance: string, command: OrderCommand, reason: string) => {
    const [told] = place(tradedAt(100), command);
    t.true(told?.startsWith(`x REJECTED ${reason} `), told);
  },
});
test(isRejected, 'a buy at the last price', stop('x', 100), 'STOP_WOULD_TRIGGER');
test(isRejected, 'a sell above the last price', stopSell('x', 101), 'STOP_WOULD_TRIGGER');
test(isRejected, 'a stop price above the limits', stop('x', 1001), 'INVALID_PRICE');
test(isRejected, 'a limit price above the limits', stopLimit('x', 101, 1001), 'INVALID_PRICE');
test(isRejected, 'a quantity above the limits', stop('x', 101, { lots: 1001 }), 'INVALID_QUANTITY');

test('stop: older than 5 s when it comes in, waits: it trades later anyhow', (t) => {
  t.deepEqual(place(bookWith(), stop('x', 100, { createdAt: now - 9000 })), ['x waits as 1']);
});

test('stop: in a market that is HALTED, is refused; one that waits there, can be cancelled', (t) => {
  const book = bookWith(stop('x', 100));
  book.changeMarket({ ...limits, status: 'HALTED' }, now, createRecorder().sink);
  t.deepEqual(place(book, stop('y', 100)), ['y REJECTED MARKET_NOT_ACTIVE left 1 release 500']);
  t.deepEqual(
    tell((sink) => book.cancel('x', 'USER', now, sink)),
    ['x CANCELLED USER left 1 release 500'],
  );
  t.is(book.hash(), hashAfter(1));
});

/** Of an empty book that has had so many stops. */
function hashAfter(stopSeq: number): string {
  const book = createBook(limits);
  book.restore({ orders: [], stops: [], bookSeq: 0, tradeSeq: 0, stopSeq, lastTicks: 0 });
  return book.hash();
}

test('stop: a market buy once triggered, takes up to its protection price in the command that triggered it', (t) => {
  const book = tradedAt(100, sell('a', 1, 105), sell('c', 5, 107), stop('x', 105, { lots: 3, limitTicks: 106 }));
  t.deepEqual(place(book, buy('t', 1, 105, { timeInForce: 'IOC' })), [
    'trade 2 a/t 1@105 release 0',
    'a FILLED left 0 release 0',
    '#5 ask 105: 0',
    't FILLED left 0 release 0',
    'x is triggered',
    'x CANCELLED COLLAR left 3 release 318',
  ]);
});

test('stop: a buy by quote amount once triggered, spends at most that', (t) => {
  const book = tradedAt(
    100,
    sell('a', 1, 105),
    sell('c', 5, 107),
    stop('x', 105, { budget: 330, lots: 0, reserveTicks: 0 }),
  );
  const story = place(book, buy('t', 1, 105, { timeInForce: 'IOC' }));
  t.deepEqual(story.slice(-4), [
    'x is triggered',
    'trade 3 c/x 3@107 release 0',
    '#6 ask 107: 2',
    'x FILLED left 0 release 9',
  ]);
});

test('stop limit: once triggered, rests with the priority of that moment', (t) => {
  const book = tradedAt(100, stopLimit('x', 105, 104), sell('a', 1, 105), buy('b2', 1, 104, { userId: 'dave' }));
  const story = place(book, buy('t', 1, 105, { timeInForce: 'IOC' }));
  t.deepEqual(story.slice(-3), ['x is triggered', 'x rests 1', '#6 bid 104: 2']);
  t.deepEqual(
    [...book.orders('BUY')].map(({ id, stopSeq }) => [id, stopSeq]),
    [
      ['b2', 0],
      ['x', 0],
    ],
  );
});

const acts = test.macro({
  title: (_, circumstance: string, __: Partial<OrderCommand>, result: string) =>
    `stop limit: ${circumstance}, ${result}`,
  exec: (t, _circumstance: string, given: Partial<OrderCommand>, result: string) => {
    const book = tradedAt(100, stopLimit('x', 105, 106, { lots: 3, ...given }), sell('a', 1, 105), sell('c', 2, 106));
    t.is(place(book, buy('t', 1, 105, { timeInForce: 'IOC' })).at(-1), result);
  },
});
test(acts, 'post-only that would take', { postOnly: true }, 'x REJECTED POST_ONLY_WOULD_TAKE left 3 release 318');
test(acts, 'FOK for more than there is', { timeInForce: 'FOK' }, 'x CANCELLED FOK_NOT_FILLABLE left 3 release 318');
test(acts, 'FOK for what there is', { timeInForce: 'FOK', lots: 2 }, 'x FILLED left 0 release 0');
test(acts, 'IOC for more than there is', { timeInForce: 'IOC' }, 'x CANCELLED IOC_REMAINDER left 1 release 106');

test('stops: that one trade triggers, act nearest price first, buys before sells, then as they came', (t) => {
  // None of them trades: there is nothing on the other side.
  const buys = [stop('far', 110), stop('near2', 105), stop('near1', 103), stop('near3', 105)];
  t.deepEqual(triggeredBy(tradedAt(100, ...buys), 120), ['near1', 'near2', 'near3', 'far']);
  const sells = [stopSell('far', 90), stopSell('near2', 95), stopSell('near1', 97), stopSell('near3', 95)];
  t.deepEqual(triggeredBy(tradedAt(100, ...sells), 80), ['near1', 'near2', 'near3', 'far']);
  const both = [stopSell('s', 95), stop('b', 94), stop('c', 93)];
  t.deepEqual(triggeredBy(bookWith(...both), 94), ['c', 'b', 's']);
});

test('stops: that only the first of a command’s trades came to, are triggered after the last', (t) => {
  const book = tradedAt(110, stopSell('x', 101), sell('a', 1, 101), sell('b', 1, 106));
  t.deepEqual(place(book, buy('t', 2, 106)), [
    'trade 2 a/t 1@101 release 5',
    'a FILLED left 0 release 0',
    '#5 ask 101: 0',
    'trade 3 b/t 1@106 release 0',
    'b FILLED left 0 release 0',
    '#6 ask 106: 0',
    't FILLED left 0 release 0',
    'x is triggered',
    'x CANCELLED MARKET_REMAINDER left 1 release 1',
  ]);
});

test('stops: whose trades trigger others, run to their end in rounds inside the command', (t) => {
  const book = tradedAt(
    100,
    sell('a', 1, 101),
    sell('b', 1, 102),
    sell('c', 1, 103),
    sell('d', 1, 104),
    // The first round has two stops; the second, which the first of them triggers, comes after both.
    stop('one', 101),
    stop('two', 102),
    stop('three', 101),
    stop('four', 105),
  );
  const story = place(book, buy('t', 1, 101, { timeInForce: 'IOC' }));
  const order = story.filter((told) => told.includes('triggered') || told.startsWith('trade'));
  t.deepEqual(order, [
    'trade 2 a/t 1@101 release 0',
    'one is triggered',
    'trade 3 b/one 1@102 release 398',
    'three is triggered',
    'trade 4 c/three 1@103 release 397',
    'two is triggered',
    'trade 5 d/two 1@104 release 396',
  ]);
  t.is(book.find('four')?.stopSeq, 4);
});

test('cancelAll: of a user with stops, ends orders that rest and then stops', (t) => {
  const book = bookWith(stop('x', 100), buy('a', 1, 90, carol), stopSell('y', 50));
  const story = tell((sink) => book.cancelAll('carol', 'CANCEL_ALL', now, now, sink));
  t.deepEqual(
    story.filter((told) => told.includes('CANCEL_ALL')).map((told) => told[0]),
    ['a', 'x', 'y'],
  );
  t.is(book.openOrders, 0);
});

test('changeMarket: to DELISTED, cancels stops after the orders of the book', (t) => {
  const book = bookWith(stopSell('z', 40), stop('x', 100), buy('a', 1, 90), stopSell('y', 50));
  const story = tell((sink) => book.changeMarket({ ...limits, status: 'DELISTED' }, now, sink));
  t.deepEqual(
    story.filter((told) => told.includes('DELISTED')).map((told) => told[0]),
    ['a', 'x', 'y', 'z'],
  );
});

test('expireDue: of stops and orders of one day, ends the orders first, restored or not', (t) => {
  const day = { timeInForce: 'DAY', expiresAt: now + 10 } as const;
  const commands = [stopLimit('x', 100, 100, day), buy('a', 1, 90, day), stopLimit('y', 100, 100, day)];
  const lived = bookWith(...commands);
  const restored = createBook(limits);
  const { bookSeq, tradeSeq, stopSeq, lastTicks } = lived;
  const kept = { executedLots: 0, executedQuote: 0, preventedLots: 0 };
  restored.restore({
    orders: [{ ...commands[1]!, ...kept, prioritySeq: 1 }],
    stops: [
      { ...commands[0]!, stopSeq: 1 },
      { ...commands[2]!, stopSeq: 2 },
    ],
    bookSeq,
    tradeSeq,
    stopSeq,
    lastTicks,
  });
  t.is(restored.hash(), lived.hash());
  for (const book of [lived, restored]) {
    const story = tell((sink) => book.expireDue(now + 10, sink));
    t.deepEqual(story, [
      'a EXPIRED DAY_END left 1 release 90',
      '#2 bid 90: 0',
      'x EXPIRED DAY_END left 1 release 100',
      'y EXPIRED DAY_END left 1 release 100',
    ]);
  }
});
