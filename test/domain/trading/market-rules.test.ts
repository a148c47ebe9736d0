import test from 'ava';
import { findTermFaults, shortestTerms } from '../../../domain/trading/market-rules.ts';
import { areWorkable, limitsOf, type MarketTerms, readMarket } from '../../../domain/trading/market.ts';
import { seedMarkets } from '../../../services/trading/seed.ts';
import { badTerms, goodTerms } from './bad-terms.ts';

const scales = { base: 8, quote: 6 };
const fieldsOf = (terms: MarketTerms): readonly string[] =>
  findTermFaults(terms, scales).map(({ pointer }) => pointer.slice(1));

for (const [what, change, ...fields] of badTerms) {
  test(`market rules: ${what}, is refused by its field`, (t) => {
    t.deepEqual(fieldsOf({ ...goodTerms, ...change }), fields);
  });
}

test('market rules: several faults, are all said at once', (t) => {
  const terms = { ...goodTerms, tickSize: '0', minQuantity: '0.00015', collarPercent: '100', makerFeeBps: 1_001 };
  t.deepEqual(fieldsOf(terms), ['tick_size', 'min_quantity', 'collar_percent', 'price_band_percent', 'maker_fee_bps']);
});

test('market rules: without fault, make a market that an engine can work by', (t) => {
  t.deepEqual(fieldsOf(goodTerms), []);
  t.true(areWorkable(limitsOf(readMarket(goodTerms, scales))));
});

test('market rules: of the markets the exchange begins with, have no fault', (t) => {
  const scaleOf: Readonly<Record<string, number>> = { BTC: 8, ETH: 18, XRP: 6 };
  for (const terms of seedMarkets) {
    t.deepEqual(findTermFaults(terms, { base: scaleOf[terms.base] ?? 0, quote: 6 }), []);
  }
});

test('market rules: in other spellings, are the same rules', (t) => {
  const spelled = {
    ...goodTerms,
    tickSize: '0.010',
    maxPrice: '1000000.00',
    minNotional: '100',
    collarPercent: '5.50',
  };
  t.like(shortestTerms(spelled), { tickSize: '0.01', maxPrice: '1000000', minNotional: '100', collarPercent: '5.5' });
});
