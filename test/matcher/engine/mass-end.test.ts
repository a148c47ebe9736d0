import test from 'ava';
import { createBook } from '../../../matcher/engine/book.ts';
import { type Book } from '../../../matcher/engine/types.ts';
import { limits, order, stateOf } from './commands.ts';
import { NaiveBook } from './naive-book.ts';
import { createRecorder } from './recorder.ts';
import { buy, fresh, now, place, sell, tell } from './story.ts';

const silent = () => createRecorder().sink;

/** Alice's five bids, one of them a stop; at most two ends are told at a time. */
function fiveBids(book: Pick<Book, 'place'>): void {
  for (const [index, price] of [90, 91, 91, 92].entries()) book.place(buy(`${index}`, 1, price), now, silent());
  const stop = { ...fresh, orderType: 'STOP_LIMIT', limitTicks: 130, stopTicks: 120 } as const;
  book.place(order('stop', stop), now, silent());
}

const cancelAll = (book: Pick<Book, 'cancelAll'>) =>
  tell((sink) => book.cancelAll('alice', 'CANCEL_ALL', now, now, sink));
const tellDying = (book: Pick<Book, 'tellDying'>) => tell((sink) => book.tellDying(sink));

test('mass end: of more than are told at a time, all are out of the book at once and told in order', (t) => {
  const book = createBook(limits, 2);
  fiveBids(book);
  t.deepEqual(cancelAll(book), [
    '0 CANCELLED CANCEL_ALL left 1 release 90',
    '#5 bid 90: 0',
    '1 CANCELLED CANCEL_ALL left 1 release 91',
    '#6 bid 91: 0',
  ]);
  t.deepEqual([book.openOrders, book.dying(), book.bestTicks('BUY')], [0, 3, 0]);
  t.deepEqual(place(book, sell('taker', 1, 90)), ['taker rests 1', '#7 ask 90: 1'], 'none trades any more');
  t.is(book.find('3'), undefined);
  t.false(book.cancel('3', 'USER', now, silent()));
  t.deepEqual(tellDying(book), [
    '2 CANCELLED CANCEL_ALL left 1 release 91',
    '#8 bid 91: 0',
    '3 CANCELLED CANCEL_ALL left 1 release 92',
    '#9 bid 92: 0',
  ]);
  t.deepEqual(tellDying(book), ['stop CANCELLED CANCEL_ALL left 1 release 130']);
  t.deepEqual([tellDying(book), book.dying(), book.massEnds()], [[], 0, []]);
});

test('mass end: an order that comes to the price of one that is out, is told with what rests there now', (t) => {
  const book = createBook(limits, 1);
  fiveBids(book);
  cancelAll(book);
  t.deepEqual(place(book, buy('new', 7, 91, { userId: 'bob' })), ['new rests 7', '#6 bid 91: 7']);
  t.deepEqual(tellDying(book), ['1 CANCELLED CANCEL_ALL left 1 release 91', '#7 bid 91: 7']);
});

test('mass end: two of them, are told one after the other', (t) => {
  const book = createBook(limits, 2);
  fiveBids(book);
  book.place(buy('day', 1, 80, { userId: 'bob', timeInForce: 'DAY', expiresAt: now + 1 }), now, silent());
  cancelAll(book);
  t.true(tell((sink) => book.expireDue(now + 1, sink)).some((line) => line.startsWith('2 CANCELLED')));
  t.deepEqual(
    book.massEnds().map(({ reason }) => reason),
    ['CANCEL_ALL', 'DAY_END'],
  );
  t.is(book.find('day'), undefined);
  t.deepEqual(tellDying(book), [
    'stop CANCELLED CANCEL_ALL left 1 release 130',
    'day EXPIRED DAY_END left 1 release 80',
    '#10 bid 80: 0',
  ]);
});

test('mass end: restored in its middle, tells the rest as if it had never stopped', (t) => {
  const [book, naive] = [createBook(limits, 2), new NaiveBook(limits)];
  naive.chunk = 2;
  for (const each of [book, naive]) {
    fiveBids(each);
    each.cancelAll('alice', 'CANCEL_ALL', now, now, silent());
    // Crosses what is out of the book, and is there still for who looks at the orders alone.
    each.place(sell('ask', 1, 80), now, silent());
  }
  const restored = createBook(limits, 2);
  restored.restore(stateOf(naive));
  t.is(restored.hash(), book.hash());
  t.deepEqual([restored.dying(), restored.openOrders], [3, 1]);
  t.deepEqual(tellDying(restored), tellDying(book));
  t.deepEqual(tellDying(restored), tellDying(book));
  t.is(restored.hash(), book.hash());
});

test('mass end: of nothing, or an end that has no orders when it is restored, tells nothing and throws', (t) => {
  const book = createBook(limits, 2);
  t.deepEqual(cancelAll(book), []);
  t.deepEqual(book.massEnds(), []);
  const end = { reason: 'DELISTED', bookSeq: 0, stopSeq: 0, until: 0 } as const;
  const state = { orders: [], stops: [], bookSeq: 0, tradeSeq: 0, stopSeq: 0, lastTicks: 0, dying: [end] };
  t.throws(() => createBook(limits).restore(state), { message: /has orders/ });
});
