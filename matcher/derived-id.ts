import { hash } from 'node:crypto';

/**
 * A UUIDv7 of this millisecond whose other 74 bits follow from `name`: the same on every replay, and in the partition
 * of its time. Two names collide with a probability of 2^-70 a pair.
 */
export function derivedId(timeMs: number, name: string): string {
  const time = timeMs.toString(16).padStart(12, '0');
  const digest = hash('sha256', name, 'hex');
  const variant = '89ab'.charAt(Number.parseInt(digest.charAt(3), 16) & 3);
  const head = `${time.slice(0, 8)}-${time.slice(8)}-7${digest.slice(0, 3)}`;
  return `${head}-${variant}${digest.slice(4, 7)}-${digest.slice(8, 20)}`;
}

/** The same with a last digit of 0: the ledger writes there which leg of the trade a transfer is. */
export const derivedTradeId = (timeMs: number, symbol: string, tradeSeq: number): string =>
  `${derivedId(timeMs, `trade:${symbol}:${tradeSeq}`).slice(0, -1)}0`;
