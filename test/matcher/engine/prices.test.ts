import test from 'ava';
import fc from 'fast-check';
import { addPrice, createPrices, findPrice, nextPrice, removePrice } from '../../../matcher/engine/prices.ts';

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
        for (const [number, one] of given.entries()) {
          if (expected.has(one)) {
            removePrice(prices, one);
            expected.delete(one);
          } else {
            addPrice(prices, one, number);
            expected.set(one, number);
          }
          if (number % 3 === 2) {
            const [first] = expected.keys();
            if (first !== undefined) removePrice(prices, first);
            if (first !== undefined) expected.delete(first);
          }
          const sorted = [...expected.keys()].sort((a, b) => a - b);
          const higher = sorted.find((other) => other > one) ?? 0;
          const lower = sorted.findLast((other) => other < one) ?? 0;
          const found = [findPrice(prices, one), nextPrice(prices, one, true), nextPrice(prices, one, false)];
          const wanted = [one, higher, lower].map((other) => expected.get(other) ?? -1);
          if (found.join() !== wanted.join()) throw new Error(`Around ${one}: ${found.join()}, not ${wanted.join()}`);
        }
      }),
      { numRuns: 300, seed: 5 },
    ),
  );
});

test('prices: when all are removed, uses their nodes again', (t) => {
  const prices = createPrices();
  const given = Array.from({ length: 1000 }, (_, n) => 1 + n * 1_000_003);
  let most = 0;
  for (let round = 0; round < 3; round += 1) {
    given.forEach((one, number) => addPrice(prices, one, number));
    if (round === 0) most = prices.used;
    given.forEach((one) => removePrice(prices, one));
  }
  t.is(prices.used, most);
  t.is(findPrice(prices, 1), -1);
});
