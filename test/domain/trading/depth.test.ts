import test from 'ava';
import fc from 'fast-check';
import { checksumText, createDepthSide } from '../../../domain/trading/depth.ts';

/** Prices whose order as text is another than as numbers. */
const change = fc.record({
  price: fc.constantFrom('0.5', '9', '9.5', '10', '10.25', '99', '100'),
  quantity: fc.constantFrom('0', '1', '2.5'),
});

for (const [side, best] of [
  ['BUY', (a: number, b: number) => b - a],
  ['SELL', (a: number, b: number) => a - b],
] as const) {
  test(`depth side: any changes to ${side}, the last quantity of each price, best first`, (t) => {
    fc.assert(
      fc.property(fc.array(change), fc.nat({ max: 8 }), (changes, count) => {
        const depth = createDepthSide(side);
        for (const { price, quantity } of changes) depth.set(price, quantity);
        const wanted = [...new Map(changes.map(({ price, quantity }) => [price, quantity]))]
          .filter(([, quantity]) => quantity !== '0')
          .sort(([a], [b]) => best(Number(a), Number(b)))
          .map(([price, quantity]) => ({ price, quantity }));
        t.deepEqual(depth.top(0), wanted);
        t.deepEqual(depth.top(count), count === 0 ? wanted : wanted.slice(0, count));
      }),
    );
  });
}

test('depth side: levels handed out, stay as they were', (t) => {
  const depth = createDepthSide('SELL');
  depth.set('10', '1');
  const before = depth.top(0);
  depth.set('9', '1');
  t.deepEqual(before, [{ price: '10', quantity: '1' }]);
});

test('checksumText: more levels than ten, the ten best bids and then the ten best asks', (t) => {
  const levels = (from: number) => Array.from({ length: 11 }, (_, at) => ({ price: `${from + at}`, quantity: '1.50' }));
  const text = checksumText(levels(100), levels(200));
  t.is(text.split(':').length, 40);
  t.true(text.startsWith('100:1.50:101:1.50:'));
  t.regex(text, /:109:1\.50:200:1\.50:.*:209:1\.50$/);
});
