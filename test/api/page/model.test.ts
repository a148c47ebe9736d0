import test from 'ava';
import { createCandles, toBars } from '../../../api/page/candles.ts';
import { decimalsOf, product, show } from '../../../api/page/format.ts';
import { createSequence } from '../../../api/page/sequence.ts';

const at = (type: 'snapshot' | 'update' | 'reset', first: number, last: number) => ({
  type,
  first_sequence: first,
  last_sequence: last,
});

test('sequence: updates, follow the event before them or leave a gap', (t) => {
  const place = createSequence();
  t.is(place(at('update', 5, 5)), 'early');
  t.is(place(at('snapshot', 1, 4)), 'next');
  t.is(place(at('update', 5, 9)), 'next');
  t.is(place(at('update', 10, 10)), 'next');
  t.is(place(at('update', 12, 12)), 'gap');
  t.is(place(at('update', 13, 13)), 'early');
  t.is(place(at('reset', 20, 20)), 'next');
  t.is(place(at('update', 21, 21)), 'next');
});

const candle = (start: string, close: string) => ({
  start: `2026-03-01T${start}:00.000Z`,
  open: '10',
  high: '30',
  low: '5',
  close,
  volume: '1.5',
  quote_volume: '15',
  trades: 1,
  last_trade_seq: 1,
});

test('candles: that come late or again, stand in order and as they are now', (t) => {
  const candles = createCandles();
  candles.take([candle('04:02', '12'), candle('04:03', '13')]);
  candles.take([candle('04:03', '14'), candle('04:01', '11')]);
  t.deepEqual(
    candles.list().map(({ close }) => close),
    ['11', '12', '14'],
  );
  candles.clear();
  t.deepEqual(candles.list(), []);
});

test('bars: intervals without a trade, repeat the last close', (t) => {
  const bars = toBars([candle('04:00', '11'), candle('04:03', '14')], '1m', 100);
  t.deepEqual(
    bars.map(({ open, close, volume }) => [open, close, volume]),
    [
      [10, 11, 1.5],
      [11, 11, 0],
      [11, 11, 0],
      [10, 14, 1.5],
    ],
  );
  t.deepEqual(
    bars.map(({ time }) => time - (bars[0]?.time ?? 0)),
    [0, 60, 120, 180],
  );
});

test('bars: more than wanted, only the newest, also over a long pause', (t) => {
  const bars = toBars(
    [candle('00:00', '11'), candle('23:59', '12'), candle('00:01', '9')].sort((a, b) => (a.start < b.start ? -1 : 1)),
    '1m',
    5,
  );
  t.deepEqual(
    bars.map(({ close }) => close),
    [9, 9, 9, 9, 12],
  );
  t.deepEqual(toBars([], '1m', 5), []);
});

test('show: decimals, have thousands apart and at least so many digits, none dropped', (t) => {
  t.is(show('50000.1', 2), '50,000.10');
  t.is(show('0.123456789012345678', 2), '0.123456789012345678');
  t.is(show('123456789012345678.9'), '123,456,789,012,345,678.9');
  t.is(decimalsOf('0.010'), 2);
  t.is(decimalsOf('10'), 0);
});

test('product: decimals, exact; anything else, none', (t) => {
  t.is(product('0.1', '0.2'), '0.02');
  t.is(product('50000.01', '0.0001'), '5.000001');
  t.is(product('1,5', '2'), undefined);
  t.is(product('', '2'), undefined);
});
