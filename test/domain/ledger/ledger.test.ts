import test from 'ava';
import { nextBatchSize } from '../../../domain/ledger/batch-size.ts';
import { assetsOf, legId } from '../../../domain/ledger/ledger.ts';

test('leg id: any leg, is the last hex digit', (t) => {
  const id = '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f';
  t.is(legId(id, 1), '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e41');
  t.is(legId(id, 10), '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4a');
});

test('assets of: a symbol, its base and quote; anything else is a bug', (t) => {
  t.deepEqual(assetsOf('BTC/USDT'), { base: 'BTC', quote: 'USDT' });
  t.throws(() => assetsOf('BTCUSDT'), { message: /Invariant/ });
  t.throws(() => assetsOf('A/B/C'), { message: /Invariant/ });
});

const sizes = test.macro({
  exec: (t, size: number, tookMs: number, next: number) => t.is(nextBatchSize(size, tookMs), next),
  title: (_given, size: number, tookMs: number, next: number) => `batch size: ${size} took ${tookMs} ms, then ${next}`,
});
test(sizes, 100, 20, 100);
test(sizes, 100, 40, 50);
test(sizes, 100, 5, 150);
test(sizes, 400, 1, 500);
test(sizes, 100, 10_000, 16);
test(sizes, 1, 0, 16);
