import test from 'ava';
import { createUnits } from '../../matcher/units.ts';

const bitcoin = createUnits({ tickSize: '0.01', lotSize: '0.0001', baseScale: 8, quoteScale: 6 });

test('units: ticks and lots, are written as the shortest exact decimals', (t) => {
  t.is(bitcoin.price(5_000_050), '50000.5');
  t.is(bitcoin.quantity(12_345), '1.2345');
  t.is(bitcoin.quote(5_000_050 * 12_345), '61725.61725');
  t.is(bitcoin.quote(1), '0.000001');
});

test('units: whole sizes and sizes wider than the asset’s scale, are exact too', (t) => {
  const ripple = createUnits({ tickSize: '0.0001', lotSize: '10', baseScale: 6, quoteScale: 6 });
  t.is(ripple.quantity(3), '30');
  t.is(ripple.quote(3), '0.003');
  t.is(ripple.fee(true, ripple.buyerFee(3, 10)), '0.03');
  const narrow = createUnits({ tickSize: '0.10', lotSize: '0.10', baseScale: 1, quoteScale: 2 });
  t.is(narrow.fee(false, narrow.sellerFee(1, 10_000)), '0.01');
});

test('units: the fees of the worked example, are exact', (t) => {
  // 1 BTC at 50 000 USDT, 10 basis points each.
  t.is(bitcoin.fee(true, bitcoin.buyerFee(10_000, 10)), '0.001');
  t.is(bitcoin.fee(false, bitcoin.sellerFee(5_000_000 * 10_000, 10)), '50');
});

test('units: a fee below one atom, is rounded up and never above what is received', (t) => {
  t.is(bitcoin.sellerFee(1, 10), 1n);
  t.is(bitcoin.sellerFee(1, 0), 0n);
});
