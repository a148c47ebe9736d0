import fc from 'fast-check';
import type { MarketUnits } from '../../matcher/units.ts';

/** A trade in a market of its own: whole ticks, lots, and the fee of each side in basis points. */
export interface ExtremeTrade {
  readonly market: MarketUnits;
  readonly ticks: number;
  readonly lots: number;
  readonly buyerBps: number;
  readonly sellerBps: number;
}

const largest = 2 ** 53 - 1;

/** Often the least and the most there is, else anything between, on a logarithmic scale. */
const numberUpTo = (max: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constantFrom(1, max),
    fc.double({ min: 0, max: 1, noNaN: true }).map((at) => Math.max(1, Math.min(max, Math.floor(max ** at)))),
  );

const mantissa = fc.oneof(fc.constantFrom(1, 2, 3, 5, 7, 10, 25, 999), fc.integer({ min: 1, max: 9_999 }));
const decimal = (units: number, scale: number): string => {
  const digits = String(units).padStart(scale + 1, '0');
  return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

const fee = fc.oneof(fc.constantFrom(0, 1, 3, 10, 999, 1_000), fc.integer({ min: 0, max: 1_000 }));

/** Any market that is allowed with these scales: a tick × a lot is never finer than the quote asset. */
const marketOf = (baseScale: number, quoteScale: number): fc.Arbitrary<MarketUnits> =>
  fc
    .nat({ max: Math.min(baseScale, quoteScale) })
    .chain((lotScale) => fc.tuple(fc.constant(lotScale), fc.nat({ max: quoteScale - lotScale }), mantissa, mantissa))
    .map(([lotScale, tickScale, tick, lot]) => ({
      tickSize: decimal(tick, tickScale),
      lotSize: decimal(lot, lotScale),
      baseScale,
      quoteScale,
    }));

/** Trades at the ends of what a market of these scales allows: ticks × lots is at most what fits a number. */
export const extremeTrade = (baseScale: number, quoteScale: number): fc.Arbitrary<ExtremeTrade> =>
  numberUpTo(largest).chain((ticks) =>
    fc.record({
      market: marketOf(baseScale, quoteScale),
      ticks: fc.constant(ticks),
      lots: numberUpTo(Math.floor(largest / ticks)),
      buyerBps: fee,
      sellerBps: fee,
    }),
  );
