import type { ExecutionContext } from 'ava';
import { type Rescaling } from '../../../domain/trading/steps.ts';
import { type Book, type MarketLimits } from '../../../matcher/engine/types.ts';
import { type NaiveBook } from './naive-book.ts';
import { createRecorder } from './recorder.ts';

/** Depth, hash, best prices and open orders are the naive book's. */
export function sameBooks(t: ExecutionContext, book: Book, naive: NaiveBook): void {
  t.deepEqual(book.depth(1000), naive.depth());
  t.is(book.hash(), naive.hash());
  t.is(book.openOrders, naive.open().length);
  t.deepEqual([book.bestTicks('BUY'), book.bestTicks('SELL')], [naive.bestTicks('BUY'), naive.bestTicks('SELL')]);
}

/** Both books count in finer steps from now on, and tell the same. */
export function rescale(
  t: ExecutionContext,
  book: Book,
  naive: NaiveBook,
  by: Rescaling,
  to: MarketLimits,
  time: number,
): void {
  const [told, expected] = [createRecorder(), createRecorder()];
  book.changeMarket(to, time, told.sink, by);
  naive.changeMarket(to, time, expected.sink, by);
  t.deepEqual(told.events, expected.events);
  sameBooks(t, book, naive);
}
