import { formatDecimal, parseDecimal } from '../../domain/money.ts';

const scale = 18;
const formats = new Map<number, Intl.NumberFormat>();

/** How many decimals a step such as "0.01" has. */
export const decimalsOf = (step: string): number => step.split('.')[1]?.replace(/0+$/, '').length ?? 0;

/** A decimal for reading: thousands apart, at least so many decimals, no digit dropped. */
export function show(decimal: string, decimals = 0): string {
  let format = formats.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat('en', { minimumFractionDigits: decimals, maximumFractionDigits: scale });
    formats.set(decimals, format);
  }
  // Given as text it is shown exactly, however long it is.
  return format.format(decimal as `${number}`);
}

/** price × quantity exactly, or undefined while one of them is not a decimal. */
export function product(price: string, quantity: string): string | undefined {
  try {
    return formatDecimal(parseDecimal(price, scale) * parseDecimal(quantity, scale), 2 * scale);
  } catch {
    return undefined;
  }
}
