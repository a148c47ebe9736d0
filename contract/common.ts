import { z } from 'zod';
import { decimalPattern, longestDecimal } from '../domain/money.ts';

/** Decimal strings, never JSON numbers: a number would lose digits past 2^53 before our code ever saw it. */
export const Decimal = z
  .string()
  .max(longestDecimal)
  .regex(decimalPattern, 'Write the number as a plain decimal string, such as "1.25".')
  .meta({ id: 'Decimal', description: 'A decimal as a string: no sign, exponent or leading zero', examples: ['1.25'] });

/**
 * Free text of one line, counted as it is sent, and more than blanks. No control characters: PostgreSQL stores no NUL,
 * and none belongs in a mail or a log. Every dialect of regular expressions reads the pattern alike.
 */
export const line = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .trim()
    .regex(/^\s*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$/, 'Leave out control characters.');

export const Uuid = z
  .uuid()
  .meta({ id: 'Uuid', description: 'UUIDv7', examples: ['019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f'] });

export const Timestamp = z.iso.datetime().meta({ id: 'Timestamp', description: 'ISO 8601, UTC' });

/** `BTC-USDT` in paths; read as `BTC/USDT`. */
export const SymbolInPath = z
  .string()
  .regex(/^[A-Z0-9]{2,12}-[A-Z0-9]{2,12}$/, 'Write the market as BASE-QUOTE, such as BTC-USDT.')
  .meta({ id: 'SymbolInPath', examples: ['BTC-USDT'] });

export const MarketSymbol = z
  .string()
  .regex(/^[A-Z0-9]{2,12}\/[A-Z0-9]{2,12}$/, 'Write the market as BASE/QUOTE, such as BTC/USDT.')
  .meta({ id: 'MarketSymbol', examples: ['BTC/USDT'] });

export const AssetCode = z
  .string()
  .regex(/^[A-Z0-9]{2,12}$/)
  .meta({ id: 'AssetCode', examples: ['BTC'] });

export const Limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(500)
  .default(50)
  .meta({ description: 'Items a page, at most 500' });

/** What a caller names something that must not be made twice. */
export const ClientId = z.string().regex(/^[\x21-\x7e]{1,64}$/, 'Give 1 to 64 visible ASCII characters.');

/** Cursors of lists are ids. */
export const Cursor = Uuid.optional().meta({ description: 'next_cursor of the page before' });

/** A page of a list. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });

export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    trace_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' });
