import { createHash } from 'node:crypto';
import { isDecimal, shortestDecimal } from '../domain/money.ts';

/** Hash of what a request says, apart from how it is spelled: key order and trailing zeros of decimals do not count. */
export const contentHash = (content: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(content)))
    .digest('base64url');

function canonical(value: unknown): unknown {
  if (typeof value === 'string') return isDecimal(value) ? shortestDecimal(value) : value;
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, canonical(child)]);
}
