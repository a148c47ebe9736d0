import { DomainError, type FieldFault } from '../errors.ts';
import { type Atoms, parseDecimal, shortestDecimal } from '../money.ts';
import type { AssetScales, MarketTerms } from './market.ts';

/** The columns of trading.markets hold 20 digits before the point. */
const largest = 10n ** 20n;
const oneHundred = 100_00n;
const mostBps = 1_000;

type Fields = { readonly [K in DecimalField]: Atoms | undefined };
type DecimalField = Exclude<keyof MarketTerms, 'symbol' | 'base' | 'quote' | 'makerFeeBps' | 'takerFeeBps' | 'status'>;

/** Terms that can be read, every decimal without trailing zeros. */
export const shortestTerms = (terms: MarketTerms): MarketTerms => ({
  ...terms,
  tickSize: shortestDecimal(terms.tickSize),
  lotSize: shortestDecimal(terms.lotSize),
  minPrice: shortestDecimal(terms.minPrice),
  maxPrice: shortestDecimal(terms.maxPrice),
  minQuantity: shortestDecimal(terms.minQuantity),
  maxQuantity: shortestDecimal(terms.maxQuantity),
  minNotional: shortestDecimal(terms.minNotional),
  collarPercent: shortestDecimal(terms.collarPercent),
  priceBandPercent: shortestDecimal(terms.priceBandPercent),
  initialPrice: shortestDecimal(terms.initialPrice),
});

/**
 * Everything that is wrong with a market's terms, each with its field; the table's checks refuse the same, one at a
 * time. A field that cannot be read has that fault alone.
 */
export function findTermFaults(terms: MarketTerms, scales: AssetScales): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  const refuse = (field: string, detail: string): void => {
    faults.push({ pointer: `/${field}`, code: 'INVALID_REQUEST', detail });
  };
  const read = (field: DecimalField, name: string, scale: number): Atoms | undefined => {
    try {
      const atoms = parseDecimal(terms[field], scale);
      if (atoms < largest * 10n ** BigInt(scale)) return atoms;
      refuse(name, 'This number is too large.');
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refuse(name, error.message);
    }
    return undefined;
  };
  const fields: Fields = {
    tickSize: read('tickSize', 'tick_size', scales.quote),
    lotSize: read('lotSize', 'lot_size', scales.base),
    minPrice: read('minPrice', 'min_price', scales.quote),
    maxPrice: read('maxPrice', 'max_price', scales.quote),
    minQuantity: read('minQuantity', 'min_quantity', scales.base),
    maxQuantity: read('maxQuantity', 'max_quantity', scales.base),
    minNotional: read('minNotional', 'min_notional', scales.quote),
    collarPercent: read('collarPercent', 'collar_percent', 2),
    priceBandPercent: read('priceBandPercent', 'price_band_percent', 2),
    initialPrice: read('initialPrice', 'initial_price', scales.quote),
  };
  judgeName(terms, refuse);
  judgeRange(['tick_size', fields.tickSize], ['min_price', fields.minPrice], ['max_price', fields.maxPrice], refuse);
  judgeRange(
    ['lot_size', fields.lotSize],
    ['min_quantity', fields.minQuantity],
    ['max_quantity', fields.maxQuantity],
    refuse,
  );
  judgeInitialPrice(fields, refuse);
  judgeValues(fields, scales, refuse);
  judgePercents(fields, refuse);
  for (const [name, bps] of [
    ['maker_fee_bps', terms.makerFeeBps] as const,
    ['taker_fee_bps', terms.takerFeeBps] as const,
  ]) {
    if (!Number.isInteger(bps) || bps < 0 || bps > mostBps) refuse(name, `A fee is 0 to ${mostBps} basis points.`);
  }
  return faults;
}

type Refuse = (field: string, detail: string) => void;
type Named = readonly [name: string, value: Atoms | undefined];

function judgeName({ symbol, base, quote }: MarketTerms, refuse: Refuse): void {
  if (base === quote) refuse('quote', 'A market trades one asset for another.');
  if (symbol !== `${base}/${quote}`) refuse('symbol', `The symbol of this market is ${base}/${quote}.`);
}

/** A step above zero, and a least and a most in whole steps. */
function judgeRange([stepName, step]: Named, [leastName, least]: Named, [mostName, most]: Named, refuse: Refuse): void {
  if (step === undefined) return;
  if (step === 0n) {
    refuse(stepName, 'A step is above zero.');
    return;
  }
  for (const [name, value] of [[leastName, least] as const, [mostName, most] as const]) {
    if (value !== undefined && value % step !== 0n) refuse(name, `This must be a multiple of ${stepName}.`);
  }
  if (least !== undefined && least < step) refuse(leastName, `This must be at least ${stepName}.`);
  if (least !== undefined && most !== undefined && most < least)
    refuse(mostName, `This must be at least ${leastName}.`);
}

function judgeInitialPrice({ tickSize, minPrice, maxPrice, initialPrice }: Fields, refuse: Refuse): void {
  if (initialPrice === undefined) return;
  if (tickSize !== undefined && tickSize > 0n && initialPrice % tickSize !== 0n) {
    refuse('initial_price', 'This must be a multiple of tick_size.');
  }
  if ((minPrice !== undefined && initialPrice < minPrice) || (maxPrice !== undefined && initialPrice > maxPrice)) {
    refuse('initial_price', 'This must be between min_price and max_price.');
  }
}

/** What orders are worth: whole atoms of quote, and exact numbers in the engine. */
function judgeValues({ tickSize, lotSize, maxPrice, maxQuantity }: Fields, scales: AssetScales, refuse: Refuse): void {
  if (tickSize === undefined || lotSize === undefined || tickSize === 0n || lotSize === 0n) return;
  if ((tickSize * lotSize) % 10n ** BigInt(scales.base) !== 0n) {
    refuse('lot_size', 'tick_size × lot_size must not be finer than the quote asset.');
  }
  if (maxPrice === undefined || maxQuantity === undefined) return;
  if ((maxPrice / tickSize) * (maxQuantity / lotSize) >= 2n ** 53n) {
    refuse('max_quantity', 'max_price in ticks × max_quantity in lots must be below 2^53.');
  }
}

function judgePercents({ collarPercent: collar, priceBandPercent: band }: Fields, refuse: Refuse): void {
  for (const [name, percent] of [['collar_percent', collar] as const, ['price_band_percent', band] as const]) {
    if (percent !== undefined && (percent === 0n || percent >= oneHundred)) {
      refuse(name, 'This must be above 0 and below 100.');
    }
  }
  if (collar !== undefined && band !== undefined && band < collar) {
    refuse('price_band_percent', 'This must be at least collar_percent.');
  }
}
