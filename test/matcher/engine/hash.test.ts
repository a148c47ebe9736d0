import test from 'ava';
import { engineVersion } from '../../../matcher/engine/book.ts';
import { hashFromScratch, type HashedOrder } from '../../../matcher/engine/hash.ts';

/** Numbers of one word and of two, at the edges between them. */
const orders: readonly HashedOrder[] = [
  {
    id: 'a',
    isBuy: true,
    limitTicks: 100,
    prioritySeq: 3,
    openLots: 5,
    executedLots: 2,
    preventedLots: 1,
  },
  {
    id: '0193f000-0000-7000-8000-9e3779b97f4b',
    isBuy: false,
    limitTicks: 2 ** 40 + 7,
    prioritySeq: 2 ** 31,
    openLots: 2 ** 32 + 1,
    executedLots: 0,
    preventedLots: 0,
  },
];

test('hash: of a known state, is that of the engine version', (t) => {
  t.is(engineVersion, 3);
  t.is(hashFromScratch(orders, 2 ** 33 + 5, 9, 100), '284475bd0020da6f');
});

test('hash: of the orders in another order, is the same', (t) => {
  t.is(hashFromScratch(orders.toReversed(), 1, 1, 1), hashFromScratch(orders, 1, 1, 1));
});

test('hash: of a number changed in its high word only, differs', (t) => {
  t.not(hashFromScratch(orders, 5, 9, 100), hashFromScratch(orders, 2 ** 32 + 5, 9, 100));
});
