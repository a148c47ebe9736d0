import { type Atoms, feeOf, formatDecimal } from '../domain/money.ts';

export interface MarketUnits {
  /** Decimal strings, such as "0.01". */
  readonly tickSize: string;
  readonly lotSize: string;
  /** Decimals of the two assets. */
  readonly baseScale: number;
  readonly quoteScale: number;
}

/** What the engine's whole ticks, lots and ticks × lots are outside: decimals. Fees are in the asset received. */
export interface Units {
  price(ticks: number): string;
  quantity(lots: number): string;
  quote(ticksTimesLots: number): string;
  /** The buyer's fee on `lots` in atoms of the base asset; rounded up, at most what is received. */
  buyerFee(lots: number, basisPoints: number): Atoms;
  /** The seller's fee on ticks × lots, in atoms of the quote asset. */
  sellerFee(ticksTimesLots: number, basisPoints: number): Atoms;
  /** A fee as a decimal: of a buyer in base, of a seller in quote. */
  fee(isBuyer: boolean, atoms: Atoms): string;
}

const decimalsOf = (text: string): number => text.split('.')[1]?.length ?? 0;
const unscaled = (text: string): bigint => BigInt(text.replace('.', ''));

/**
 * Writes one market's amounts. Ticks × lots of one order fit into 2^53 and tick × lot into the quote asset's scale:
 * both are the market's rules, so nothing is rounded here but fees.
 */
export function createUnits({ tickSize, lotSize, baseScale, quoteScale }: MarketUnits): Units {
  const [tick, lot] = [unscaled(tickSize), unscaled(lotSize)];
  const [tickScale, lotScale] = [decimalsOf(tickSize), decimalsOf(lotSize)];
  const atomsPerLot = lot * 10n ** BigInt(Math.max(baseScale - lotScale, 0));
  const value = tick * lot;
  const valueScale = tickScale + lotScale;
  // Trailing zeros of the sizes can make the product's scale larger than the asset's; the digits beyond are zeros.
  const spare = valueScale - quoteScale;
  const quoteAtoms = (units: number): bigint => {
    const exact = BigInt(units) * value;
    return spare > 0 ? exact / 10n ** BigInt(spare) : exact * 10n ** BigInt(-spare);
  };
  return {
    price: (ticks) => formatDecimal(BigInt(ticks) * tick, tickScale),
    quantity: (lots) => formatDecimal(BigInt(lots) * lot, lotScale),
    quote: (units) => formatDecimal(BigInt(units) * value, valueScale),
    buyerFee: (lots, basisPoints) => feeOf(BigInt(lots) * atomsPerLot, basisPoints),
    sellerFee: (units, basisPoints) => feeOf(quoteAtoms(units), basisPoints),
    fee: (isBuyer, atoms) => formatDecimal(atoms, isBuyer ? baseScale : quoteScale),
  };
}
