import test from 'ava';
import { createBook } from '../../../matcher/engine/book.ts';
import { amendOf, limits, order, termsOf } from './commands.ts';
import { createRecorder } from './recorder.ts';
import { bookWith, buy, fresh, now, place, sell, tell } from './story.ts';

const by = { ticks: 10, lots: 100 };
const finerLimits = { ...limits, maxTicks: 10_000, maxLots: 100_000 };

const stop = order('stop', {
  ...fresh,
  orderType: 'STOP_LIMIT',
  lots: 2,
  limitTicks: 130,
  stopTicks: 120,
  userId: 'carol',
});

test('rescale: of orders, levels and a stop, tells nothing and counts all of them in the new steps', (t) => {
  const book = bookWith(buy('bid', 4, 90), sell('ask', 3, 100), sell('ask 2', 1, 100), stop, buy('taker', 1, 100));
  const { bookSeq } = book;
  t.deepEqual(
    tell((sink) => book.changeMarket(finerLimits, now, sink, by)),
    [],
  );
  t.deepEqual(book.depth(9), {
    bids: [{ priceTicks: 900, lots: 400, orders: 1 }],
    asks: [{ priceTicks: 1000, lots: 300, orders: 2 }],
  });
  t.is(book.lastTicks, 1000);
  t.is(book.bookSeq, bookSeq, 'no level changed in decimals');
  t.like(book.find('ask'), { openLots: 200, executedLots: 100, executedQuote: 100_000, limitTicks: 1000 });
  t.deepEqual(place(book, buy('fine', 1, 901)), ['fine rests 1', `#${bookSeq + 1} bid 901: 1`]);
  t.deepEqual(
    tell((sink) => book.cancel('bid', 'USER', now, sink)),
    ['bid CANCELLED USER left 400 release 360000', `#${bookSeq + 2} bid 900: 0`],
  );
});

test('rescale: of a stop, is triggered at its price and acts with all its lots', (t) => {
  const book = bookWith(stop, sell('ask', 3, 120));
  book.changeMarket(finerLimits, now, createSilent(), by);
  t.deepEqual(place(book, buy('near', 1, 1199)).at(-1), '#2 bid 1199: 1');
  t.deepEqual(place(book, buy('taker', 1, 1200)).slice(0, 6), [
    'trade 1 ask/taker 1@1200 release 0',
    '#3 ask 1200: 299',
    'taker FILLED left 0 release 0',
    'stop is triggered',
    'trade 2 ask/stop 200@1200 release 20000',
    '#4 ask 1200: 99',
  ]);
});

test('rescale: an amend in the new steps, finds its order with its terms', (t) => {
  const resting = buy('bid', 4, 90);
  const book = bookWith(resting);
  book.changeMarket(finerLimits, now, createSilent(), by);
  const amend = amendOf(resting, { ...termsOf(resting), lots: 400, limitTicks: 900 }, { lots: 399 });
  t.is(book.amend(amend, now, createSilent()), undefined);
  t.like(book.find('bid'), { openLots: 399 });
});

test('rescale: an order that would be worth 2^53 and more, changes nothing and throws', (t) => {
  const book = createBook({ ...limits, maxTicks: 2 ** 30, maxLots: 2 ** 20 });
  place(book, buy('large', 2 ** 20, 2 ** 30));
  const hash = book.hash();
  const small = { ...limits, maxTicks: 1000, maxLots: 1000 };
  t.throws(() => book.changeMarket(small, now, createSilent(), { ticks: 16, lots: 1 }), { message: /exact/ });
  t.throws(() => book.changeMarket(small, now, createSilent(), { ticks: 1, lots: 2 ** 40 }), { message: /exact/ });
  t.is(book.hash(), hash);
  t.like(book.find('large'), { openLots: 2 ** 20, limitTicks: 2 ** 30 });
  t.notThrows(() => book.changeMarket(small, now, createSilent(), { ticks: 4, lots: 1 }));
});

const createSilent = () => createRecorder().sink;
