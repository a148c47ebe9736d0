import test from 'ava';
import fc from 'fast-check';
import { addPrice, createPrices, nextPrice, numberOf, reachLeaf, removePrice } from '../../../matcher/engine/prices.ts';

/** Near together, far apart, and at the ends of what a price may be. */
const price = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  fc.maxSafeInteger().map((value) => Math.max(1, Math.abs(value))),
  fc.constantFrom(31, 32, 33, 1023, 1024, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 50, Number.MAX_SAFE_INTEGER),
);

test('prices: added and removed in any order, are found and in order as in a sorted array', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(price, { minLength: 150, maxLength: 150 }), (given) => {
        const prices = createPrices();
        const expected = new Map<number, number>();
        const leaves = new Map<number, number>();
        const remove = (one: number): void => {
          removePrice(prices, leaves.get(one) ?? -1, one);
          expected.delete(one);
        };
        for (const [number, one] of given.entries()) {
          if (expected.has(one)) {
            remove(one);
          } else {
            const leaf = reachLeaf(prices, one);
            if (numberOf(prices, leaf, one) !== -1) throw new Error(`${one} is there before it was added`);
            addPrice(prices, leaf, one, number);
            leaves.set(one, leaf);
            expected.set(one, number);
          }
          if (number % 3 === 2) {
            const [first] = expected.keys();
            if (first !== undefined) remove(first);
          }
          const sorted = [...expected.keys()].sort((a, b) => a - b);
          for (const [index, other] of sorted.entries()) {
            const leaf = reachLeaf(prices, other);
            if (leaf !== leaves.get(other)) throw new Error(`${other} moved to another node`);
            const found = [true, false].map((isHigher) => nextPrice(prices, leaf, other, isHigher));
            found.push(numberOf(prices, leaf, other));
            const near = [sorted[index + 1], sorted[index - 1], other];
            const wanted = near.map((price) => expected.get(price ?? 0) ?? -1);
            if (found.join() !== wanted.join()) throw new Error(`${other}: ${found.join()}, not ${wanted.join()}`);
          }
        }
      }),
      { numRuns: 100, seed: 5 },
    ),
  );
});

test('prices: when all are removed, uses their nodes again', (t) => {
  const prices = createPrices();
  const given = Array.from({ length: 1000 }, (_, n) => 1 + n * 1_000_003);
  let most = 0;
  for (let round = 0; round < 3; round += 1) {
    given.forEach((one, number) => addPrice(prices, reachLeaf(prices, one), one, number));
    if (round === 0) most = prices.used;
    given.forEach((one) => removePrice(prices, reachLeaf(prices, one), one));
  }
  t.is(prices.used, most);
  t.is(numberOf(prices, reachLeaf(prices, 1), 1), -1);
});
