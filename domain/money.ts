import { DomainError, invariant } from './errors.ts';

/** Whole atoms (a satoshi, a cent) of an asset whose `scale` decimals one atom is. Never a float. */
export type Atoms = bigint;

export type Rounding = 'down' | 'up';

/** At most 40 characters, no sign, exponent or leading zero: what every amount on a wire looks like. */
export const decimalPattern = /^(0|[1-9]\d*)(\.\d+)?$/;
export const longestDecimal = 40;

/** Whether a text from outside is a decimal, and no longer than one may be. */
export const isDecimal = (text: string): boolean => text.length <= longestDecimal && decimalPattern.test(text);

/** The form of a decimal, apart from how many digits an asset allows. `digits` has no point; trailing zeros are cut. */
function readDecimal(text: string): { digits: string; decimals: number } | undefined {
  if (!isDecimal(text)) return undefined;
  const [whole = '', fraction = ''] = text.split('.');
  const kept = fraction.replace(/0+$/, '');
  return { digits: whole + kept, decimals: kept.length };
}

/**
 * Reads a decimal string ("1.25") as atoms. Trailing zeros are fine: values are compared, not spellings.
 * Throws INVALID_REQUEST when it is malformed or has more decimals than the scale: digits are never dropped.
 */
export function parseDecimal(text: string, scale: number): Atoms {
  const read = readDecimal(text);
  if (read === undefined) {
    throw new DomainError('INVALID_REQUEST', 'Write the number as a plain decimal string, such as "1.25".');
  }
  if (read.decimals > scale) {
    throw new DomainError('INVALID_REQUEST', `Use at most ${scale} decimals.`, { scale });
  }
  return BigInt(read.digits + '0'.repeat(scale - read.decimals));
}

/** Writes atoms as the shortest decimal string: no trailing zeros, `-` only in front. */
export function formatDecimal(atoms: Atoms, scale: number): string {
  const sign = atoms < 0n ? '-' : '';
  const digits = (atoms < 0n ? -atoms : atoms).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return sign + (fraction === '' ? whole : `${whole}.${fraction}`);
}

/** The shortest spelling of a decimal that a wire or a column gave: without trailing zeros. Other digits stay. */
export const shortestDecimal = (decimal: string): string =>
  decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;

/** Divides two non-negative integers, saying out loud who keeps the remainder. */
export function divide(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  invariant(numerator >= 0n, 'numerator is not negative');
  invariant(denominator > 0n, 'denominator is positive');
  const quotient = numerator / denominator;
  const exact = quotient * denominator === numerator;
  return exact || rounding === 'down' ? quotient : quotient + 1n;
}

/**
 * The fee on an amount received, in basis points (1/10 000), rounded up to the house and never more than the amount.
 */
export function feeOf(received: Atoms, basisPoints: number): Atoms {
  const fee = divide(received * BigInt(basisPoints), 10_000n, 'up');
  return fee > received ? received : fee;
}
