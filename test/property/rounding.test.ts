import test from 'ava';
import fc from 'fast-check';
import { type Atoms, feeOf, parseDecimal } from '../../domain/money.ts';
import { createUnits } from '../../matcher/units.ts';
import { createRandom } from '../../bench/_support/random.ts';
import { type ExtremeTrade, extremeTrade } from '../_support/extremes.ts';

const seed = Number(process.env['ROUNDING_SEED'] ?? 1);
const tradeCount = 100_000;
const scale = fc.oneof(fc.constantFrom(0, 2, 6, 8, 18), fc.nat({ max: 18 }));
const anyTrade = fc.tuple(scale, scale).chain(([base, quote]) => extremeTrade(base, quote));

/** What a trade row says, read back in atoms: throws where a digit would be lost. */
function amountsOf({ market, ticks, lots, buyerBps, sellerBps }: ExtremeTrade) {
  const { baseScale, quoteScale } = market;
  const units = createUnits(market);
  return {
    price: parseDecimal(units.price(ticks), quoteScale),
    base: parseDecimal(units.quantity(lots), baseScale),
    quote: parseDecimal(units.quote(ticks * lots), quoteScale),
    buyerFee: parseDecimal(units.fee(true, units.buyerFee(lots, buyerBps)), baseScale),
    sellerFee: parseDecimal(units.fee(false, units.sellerFee(ticks * lots, sellerBps)), quoteScale),
  };
}

/** The smallest whole number of atoms that is not below `received` × `bps` / 10 000. */
const isRoundedUp = (fee: Atoms, received: Atoms, bps: number): boolean =>
  fee * 10_000n >= received * BigInt(bps) && (fee - 1n) * 10_000n < received * BigInt(bps);

test(`rounding: ${tradeCount} trades at extremes, exact but for fees, which go up to the house`, (t) => {
  let [rounded, tiny] = [0, 0];
  fc.assert(
    fc.property(anyTrade, (trade) => {
      const { price, base, quote, buyerFee, sellerFee } = amountsOf(trade);
      // Nothing is paid for nothing, and price × quantity has no digit beyond the quote asset's.
      if (base <= 0n || quote <= 0n) return false;
      if (quote * 10n ** BigInt(trade.market.baseScale) !== price * base) return false;
      if (!isRoundedUp(buyerFee, base, trade.buyerBps) || !isRoundedUp(sellerFee, quote, trade.sellerBps)) return false;
      // What goes out is never above what is due: a payout is what the fee leaves.
      if (buyerFee > base || sellerFee > quote) return false;
      if ((base * BigInt(trade.buyerBps)) % 10_000n !== 0n) rounded += 1;
      if (base === 1n || quote === 1n) tiny += 1;
      return true;
    }),
    { numRuns: tradeCount, seed },
  );
  t.true(rounded > 1_000 && tiny > 1_000, `${rounded} fees rounded, ${tiny} amounts of one atom`);
});

/** Cuts lots into pieces of at least one, at random places. */
function pieces(lots: number, count: number, below: (limit: number) => number): readonly number[] {
  const cuts = new Set<number>();
  while (cuts.size < count - 1) cuts.add(1 + below(lots - 1));
  const places = [0, ...[...cuts].sort((a, b) => a - b), lots];
  return places.slice(1).map((place, index) => place - places[index]!);
}

test('rounding: an order split into 1 000, costs the same and leaves at most as much', (t) => {
  const random = createRandom(seed);
  const divisible = anyTrade.filter(({ lots }) => lots >= 2_000 && lots < 2 ** 31);
  let dearer = 0;
  fc.assert(
    fc.property(divisible, (trade) => {
      const whole = amountsOf(trade);
      const sums = { base: 0n, quote: 0n, buyerFee: 0n, sellerFee: 0n };
      for (const lots of pieces(trade.lots, 1_000, (limit) => random.below(limit))) {
        const part = amountsOf({ ...trade, lots });
        for (const name of ['base', 'quote', 'buyerFee', 'sellerFee'] as const) sums[name] += part[name];
      }
      if (sums.base !== whole.base || sums.quote !== whole.quote) return false;
      if (sums.buyerFee > whole.buyerFee) dearer += 1;
      return sums.buyerFee >= whole.buyerFee && sums.sellerFee >= whole.sellerFee;
    }),
    { numRuns: 100, seed },
  );
  t.true(dearer > 10, 'splitting costs more where fees are rounded');
});

test('rounding: a fee, grows with what is received and is never less for two parts than for their sum', (t) => {
  const atoms = fc.bigInt({ min: 0n, max: 10n ** 38n });
  const bps = fc.integer({ min: 0, max: 10_000 });
  const monotonic = fc.property(atoms, atoms, bps, (one, other, rate) => {
    const together = feeOf(one + other, rate);
    return feeOf(one, rate) + feeOf(other, rate) >= together && together >= feeOf(one, rate);
  });
  t.notThrows(() => {
    fc.assert(monotonic, { numRuns: 10_000, seed });
  });
});
