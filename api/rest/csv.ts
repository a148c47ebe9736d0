import { stringify } from 'csv-stringify/sync';
import { isDecimal } from '../../domain/money.ts';
import type { Context } from './call.ts';

/** A page of a list, as JSON has it. */
interface Page {
  readonly items: readonly object[];
  readonly next_cursor: string | null;
}

const json = 'application/json';
const csv = 'text/csv';

/** Whether the caller would rather have a list as CSV; JSON when it is all the same. */
export function wantsCsv(ctx: Context): boolean {
  ctx.vary('Accept');
  return ctx.accepts(json, csv) === csv;
}

/**
 * Answers a page of a list as CSV (RFC 4180) with these columns, named in the first row. The next page is linked to
 * (RFC 8288), with the filters of this one.
 */
export function writeCsv(ctx: Context, columns: readonly string[], { items, next_cursor: next }: Page): void {
  const options = { columns: [...columns], header: true, record_delimiter: 'windows' } as const;
  ctx.body = stringify([...items], { ...options, cast: { string: harmless } });
  ctx.set('Content-Type', `${csv}; charset=utf-8; header=present`);
  if (next === null) return;
  const query = new URLSearchParams({ ...(ctx.query as Record<string, string>), cursor: next });
  ctx.set('Link', `<${ctx.path}?${query.toString()}>; rel="next"`);
}

/** A text that a spreadsheet would run as a formula gets an apostrophe in front; a negative amount is none. */
const harmless = (text: string): string =>
  /^[=+\-@\t\r]/.test(text) && !isDecimal(text.replace(/^-/, '')) ? `'${text}` : text;
