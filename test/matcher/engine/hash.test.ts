import test from 'ava';
import { engineVersion } from '../../../matcher/engine/book.ts';
import { hashFromScratch, type HashedOrder, type HashedState, type HashedStop } from '../../../matcher/engine/hash.ts';

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

const state: HashedState = { bookSeq: 5, tradeSeq: 9, stopSeq: 0, lastTicks: 100 };
const stop: HashedStop = { ...orders[0]!, id: 'c', stopTicks: 90, stopSeq: 2, budgetLeft: 0, prioritySeq: 0 };
const stops: readonly HashedStop[] = [stop, { ...stop, id: 'd', stopSeq: 3 }];

test('hash: of a known state, is that of the engine version', (t) => {
  t.is(engineVersion, 4);
  t.is(hashFromScratch(orders, [], { ...state, bookSeq: 2 ** 33 + 5 }), '284475bd0020da6f');
});

test('hash: of the orders in another order, is the same', (t) => {
  t.is(hashFromScratch(orders.toReversed(), stops.toReversed(), state), hashFromScratch(orders, stops, state));
});

test('hash: of a number changed in its high word only, differs', (t) => {
  t.not(hashFromScratch(orders, [], state), hashFromScratch(orders, [], { ...state, bookSeq: 2 ** 32 + 5 }));
});

test('hash: of a stop that differs in one number or does not wait, differs', (t) => {
  const hashes = [
    [],
    [stop],
    [{ ...stop, stopTicks: 91 }],
    [{ ...stop, stopSeq: 3 }],
    [{ ...stop, budgetLeft: 1 }],
    [{ ...stop, isBuy: false }],
    [{ ...stop, limitTicks: 101 }],
    [{ ...stop, openLots: 6 }],
  ].map((waiting) => hashFromScratch(orders, waiting, state));
  hashes.push(hashFromScratch([...orders, stop], [], state), hashFromScratch(orders, [], { ...state, stopSeq: 1 }));
  t.is(new Set(hashes).size, hashes.length);
});
