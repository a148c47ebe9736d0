import { crc32 as zipped } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { crc32, createBook, sumUp } from '../../../api/page/book.ts';

type Levels = [string, string][];
const event = (type: 'snapshot' | 'update' | 'reset', bids: Levels, asks: Levels, crc?: number) => ({
  type,
  first_sequence: 1,
  last_sequence: 1,
  ...(crc === undefined ? {} : { crc32: crc }),
  data: { bids, asks },
});

test('crc32: any text, is that of zip', (t) => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => crc32(text) === zipped(text)));
  t.is(crc32(''), 0);
});

test('book: a snapshot and updates, has levels best first; "0" takes one away', (t) => {
  const book = createBook();
  t.true(
    book.take(
      event(
        'snapshot',
        [
          ['99', '1'],
          ['100', '2'],
        ],
        [['101', '3']],
      ),
    ),
  );
  t.true(
    book.take(
      event(
        'update',
        [
          ['100', '0'],
          ['98', '4'],
        ],
        [['100.5', '1']],
      ),
    ),
  );
  t.deepEqual(book.bids(0), [
    { price: '99', quantity: '1' },
    { price: '98', quantity: '4' },
  ]);
  t.deepEqual(book.asks(1), [{ price: '100.5', quantity: '1' }]);
  t.true(book.take(event('reset', [], [['7', '1']])));
  t.deepEqual([book.bids(0), book.asks(0)], [[], [{ price: '7', quantity: '1' }]]);
});

test('book: a checksum of another book, is told', (t) => {
  const book = createBook();
  t.true(book.take(event('snapshot', [['100', '2']], [['101', '3']], zipped('100:2:101:3'))));
  t.false(book.take(event('update', [['100', '1']], [], zipped('100:2:101:3'))));
});

test('sumUp: levels of any scale, are summed exactly', (t) => {
  const levels = [
    { price: '3', quantity: '0.1' },
    { price: '2', quantity: '0.2' },
    { price: '1', quantity: '9007199254740993' },
  ];
  t.deepEqual(
    sumUp(levels).map(({ total }) => total),
    ['0.1', '0.3', '9007199254740993.3'],
  );
});
