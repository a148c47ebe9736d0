import getRawBody from 'raw-body';
import { DomainError } from '../../domain/errors.ts';
import type { Context } from './call.ts';

const maxBytes = 100 * 1024;

/**
 * Reads a JSON object body of at most 100 KiB. Throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE or INVALID_REQUEST (not
 * JSON, a key twice). An absent body reads as `{}`.
 */
export async function readJsonBody(ctx: Context): Promise<unknown> {
  if (ctx.get('content-encoding') !== '' && ctx.get('content-encoding') !== 'identity') {
    throw new DomainError('UNSUPPORTED_MEDIA_TYPE', 'Send the body uncompressed.');
  }
  const text = await getRawBody(ctx.req, { limit: maxBytes, encoding: 'utf-8' }).catch(refuseUnreadable);
  if (text === '') return {};
  if (!ctx.is('json', '+json')) throw new DomainError('UNSUPPORTED_MEDIA_TYPE', 'Send application/json.');
  return parseJson(text);
}

function refuseUnreadable(error: unknown): never {
  const { type } = error as { type?: string };
  if (type === 'entity.too.large') throw new DomainError('PAYLOAD_TOO_LARGE', 'Send at most 100 KiB.');
  throw new DomainError('INVALID_REQUEST', 'The body ended before it was complete, or is not UTF-8.');
}

const deepest = 32;

/**
 * Parses JSON, refusing what parsers silently repair: of a key given twice the last would win, and money with it. Also
 * refused is what is nested deeper than anybody needs, before it is walked through.
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DomainError('INVALID_REQUEST', 'The body is not valid JSON.');
  }
  const written = measure(text);
  if (written.depth > deepest) {
    throw new DomainError('INVALID_REQUEST', `Nest JSON at most ${deepest} levels deep.`);
  }
  if (written.keys !== countKeys(value)) {
    throw new DomainError('INVALID_REQUEST', 'A key stands twice in one JSON object. Send each key once.');
  }
  return value;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Keys as written, and levels: outside strings, valid JSON has one colon a key and no other. */
function measure(text: string): { readonly keys: number; readonly depth: number } {
  let [keys, level, depth] = [0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === colon) keys += 1;
    else if (character === openBracket || character === openBrace) depth = Math.max(depth, (level += 1));
    else if (character === closeBracket || character === closeBrace) level -= 1;
    if (character !== quote) continue;
    do at += text.charCodeAt(at) === backslash ? 2 : 1;
    while (text.charCodeAt(at) !== quote);
  }
  return { keys, depth };
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children: unknown[] = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce<number>((sum, child) => sum + countKeys(child), own);
}
