import { invariant } from '../errors.ts';
import { type Atoms, divide, formatDecimal, parseDecimal } from '../money.ts';

export const marketStatuses = ['ACTIVE', 'CANCEL_ONLY', 'HALTED', 'POST_ONLY', 'DELISTED'] as const;
export type MarketStatus = (typeof marketStatuses)[number];

/** A market as it was set up. Amounts are decimal strings; percents are of the reference price. */
export interface MarketTerms {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly minPrice: string;
  readonly maxPrice: string;
  readonly minQuantity: string;
  readonly maxQuantity: string;
  readonly minNotional: string;
  /** How far from the reference market orders may trade. */
  readonly collarPercent: string;
  /** How far from the reference limit orders may be priced. */
  readonly priceBandPercent: string;
  readonly makerFeeBps: number;
  readonly takerFeeBps: number;
  /** The reference price until the first trade. */
  readonly initialPrice: string;
  readonly status: MarketStatus;
}

/** Decimals of a market's two assets. */
export interface AssetScales {
  readonly base: number;
  readonly quote: number;
}

/**
 * A market's rules in the units orders are judged in: prices in whole ticks, quantities in whole lots, quote amounts in
 * whole ticks × lots ("units"). All of one order are below 2^53.
 */
export interface Market {
  readonly terms: MarketTerms;
  readonly scales: AssetScales;
  /** The version of the rules that brought these ticks and lots. */
  readonly stepsVersion: number;
  readonly tick: Atoms;
  readonly lot: Atoms;
  /** Quote atoms of one tick × one lot; exact. */
  readonly unit: Atoms;
  readonly minTicks: number;
  readonly maxTicks: number;
  readonly minLots: number;
  readonly maxLots: number;
  /** The smallest value of an order, in units; rounded up. */
  readonly minUnits: number;
  readonly initialTicks: number;
  /** Hundredths of a percent. */
  readonly collar: bigint;
  readonly band: bigint;
}

/** What of a market's rules its engine checks again. */
export type MarketLimits = Pick<Market, 'minTicks' | 'maxTicks' | 'minLots' | 'maxLots'> & Pick<MarketTerms, 'status'>;

export const limitsOf = ({ terms, minTicks, maxTicks, minLots, maxLots }: Market): MarketLimits => ({
  status: terms.status,
  minTicks,
  maxTicks,
  minLots,
  maxLots,
});

/** Whether an engine can work by limits: in order, and every amount of one order an exact number. */
export const areWorkable = ({ minTicks, maxTicks, minLots, maxLots }: MarketLimits): boolean =>
  minTicks > 0 && minLots > 0 && minTicks <= maxTicks && minLots <= maxLots && Number.isSafeInteger(maxTicks * maxLots);

/**
 * Turns a market's terms into whole ticks and lots. Breaks an invariant on terms that the exchange cannot hold orders
 * in: sizes finer than an atom, tick × lot finer than a quote atom, or an order whose value passes 2^53 ticks × lots.
 */
export function readMarket(terms: MarketTerms, scales: AssetScales, stepsVersion = 1): Market {
  const tick = parseDecimal(terms.tickSize, scales.quote);
  const lot = parseDecimal(terms.lotSize, scales.base);
  const oneBase = 10n ** BigInt(scales.base);
  const maxTicks = divide(parseDecimal(terms.maxPrice, scales.quote), tick, 'down');
  const maxLots = divide(parseDecimal(terms.maxQuantity, scales.base), lot, 'down');
  invariant((tick * lot) % oneBase === 0n, `tick × lot of ${terms.symbol} is whole atoms of ${terms.quote}`);
  invariant(maxTicks * maxLots < 2n ** 53n, `an order of ${terms.symbol} is worth less than 2^53 ticks × lots`);
  const unit = (tick * lot) / oneBase;
  return {
    terms,
    scales,
    stepsVersion,
    tick,
    lot,
    unit,
    minTicks: Number(divide(parseDecimal(terms.minPrice, scales.quote), tick, 'up')),
    maxTicks: Number(maxTicks),
    minLots: Number(divide(parseDecimal(terms.minQuantity, scales.base), lot, 'up')),
    maxLots: Number(maxLots),
    minUnits: Number(divide(parseDecimal(terms.minNotional, scales.quote), unit, 'up')),
    initialTicks: Number(divide(parseDecimal(terms.initialPrice, scales.quote), tick, 'down')),
    collar: parseDecimal(terms.collarPercent, 2),
    band: parseDecimal(terms.priceBandPercent, 2),
  };
}

/** Ticks as a price, such as "50000.01". */
export const priceOf = ({ tick, scales }: Market, ticks: number): string =>
  formatDecimal(BigInt(ticks) * tick, scales.quote);

/** Lots as a quantity of the base asset. */
export const quantityOf = ({ lot, scales }: Market, lots: number): string =>
  formatDecimal(BigInt(lots) * lot, scales.base);

/** Ticks × lots as an amount of the quote asset. */
export const quoteAmountOf = ({ unit, scales }: Market, units: number): string =>
  formatDecimal(BigInt(units) * unit, scales.quote);

const whole = 10_000n;

/** The highest price within `percent` (hundredths) above the reference, in ticks. */
export const above = (reference: number, percent: bigint): number =>
  Number(divide(BigInt(reference) * (whole + percent), whole, 'down'));

/** The lowest price within `percent` (hundredths) below the reference, in ticks. */
export const below = (reference: number, percent: bigint): number =>
  Number(divide(BigInt(reference) * (whole - percent), whole, 'up'));
