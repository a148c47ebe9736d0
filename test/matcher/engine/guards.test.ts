import test from 'ava';
import { createBook } from '../../../matcher/engine/book.ts';
import { type WaitingStop } from '../../../matcher/engine/state.ts';
import { type MarketLimits, type OrderCommand } from '../../../matcher/engine/types.ts';
import { limits, order } from './commands.ts';
import { bookWith, buy, fresh, place, sell } from './story.ts';

const throwsFor = test.macro({
  title: (_, circumstance: string) => `place: ${circumstance}, throws and changes nothing`,
  exec: (t, _circumstance: string, given: Partial<OrderCommand>) => {
    const book = bookWith(sell('a', 2, 100));
    const before = book.hash();
    t.throws(() => place(book, order('t', { ...fresh, ...given })), { message: /^Invariant broken/ });
    t.is(book.hash(), before);
  },
});

test(throwsFor, 'half a lot', { lots: 0.5 });
test(throwsFor, 'no price', { limitTicks: 0 });
test(throwsFor, 'a reservation below the limit', { limitTicks: 100, reserveTicks: 99 });
test(throwsFor, 'an amount of 2^53', { lots: 2 ** 27, limitTicks: 2 ** 26 });
test(throwsFor, 'a budget beside a quantity', { orderType: 'MARKET', timeInForce: 'IOC', budget: 100, lots: 1 });
test(throwsFor, 'a budget on a limit order', { budget: 100, lots: 0 });
test(throwsFor, 'a market order that would rest', { orderType: 'MARKET' });
test(throwsFor, 'a post-only IOC', { postOnly: true, timeInForce: 'IOC' });
test(throwsFor, 'a stop price on a limit order', { stopTicks: 100 });
test(throwsFor, 'a STOP without a stop price', { orderType: 'STOP', timeInForce: 'IOC' });
test(throwsFor, 'a STOP that is FOK', { orderType: 'STOP', timeInForce: 'FOK', stopTicks: 100 });
test(throwsFor, 'a post-only STOP', { orderType: 'STOP', timeInForce: 'IOC', stopTicks: 100, postOnly: true });
test(throwsFor, 'a DAY order without an end', { timeInForce: 'DAY' });

test('createBook: limits whose product is not exact, throws', (t) => {
  const wide: MarketLimits = { ...limits, maxTicks: 2 ** 30, maxLots: 2 ** 24 };
  t.throws(() => createBook(wide), { message: /exact/ });
});

const state = { bookSeq: 9, tradeSeq: 4, stopSeq: 3, lastTicks: 101, orders: [], stops: [] };
const kept = { executedLots: 1, executedQuote: 100, preventedLots: 1 };
const broken = test.macro({
  title: (_, circumstance: string) => `restore: ${circumstance}, throws`,
  exec: (t, _circumstance: string, orders: readonly (OrderCommand & typeof kept & { prioritySeq: number })[]) => {
    t.throws(() => createBook(limits).restore({ ...state, orders }), { message: /^Invariant broken/ });
  },
});

test(broken, 'orders out of line', [
  { ...buy('a', 5, 100), ...kept, prioritySeq: 3 },
  { ...buy('b', 5, 100), ...kept, prioritySeq: 2 },
]);
test(broken, 'an order from after the last change', [{ ...buy('a', 5, 100), ...kept, prioritySeq: 10 }]);
test(broken, 'an order with nothing open', [{ ...buy('a', 2, 100), ...kept, prioritySeq: 2 }]);
test(broken, 'orders that cross', [
  { ...buy('a', 5, 100), ...kept, prioritySeq: 2 },
  { ...sell('b', 5, 100), ...kept, prioritySeq: 3 },
]);

const stop = order('x', { orderType: 'STOP', timeInForce: 'IOC', stopTicks: 110 });
const brokenStops = test.macro({
  title: (_, circumstance: string) => `restore: ${circumstance}, throws`,
  exec: (t, _circumstance: string, stops: readonly WaitingStop[]) => {
    t.throws(() => createBook(limits).restore({ ...state, stops }), { message: /^Invariant broken/ });
  },
});
test(brokenStops, 'stops out of line', [
  { ...stop, stopSeq: 2 },
  { ...stop, orderId: 'y', stopSeq: 1 },
]);
test(brokenStops, 'a stop from after the last one', [{ ...stop, stopSeq: 4 }]);
test(brokenStops, 'an order among the stops', [{ ...buy('a', 1, 100), stopSeq: 1 }]);

test('restore: of a committed state, has its orders, sequences and reference', (t) => {
  const book = createBook(limits);
  book.restore({ ...state, orders: [{ ...buy('a', 5, 100), ...kept, prioritySeq: 2 }] });
  t.deepEqual(book.depth(1), { bids: [{ priceTicks: 100, lots: 3, orders: 1 }], asks: [] });
  t.deepEqual([book.bookSeq, book.tradeSeq, book.lastTicks], [9, 4, 101]);
  t.throws(() => book.restore(state), { message: /before its first command/ });
});
