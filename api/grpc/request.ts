import type { Metadata, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import type { Input, Operation } from '../../contract/operation.ts';
import { limitHeaders, type Visitor } from '../admission.ts';
import { validate } from '../validate.ts';
import { dashed } from '../../domain/trading/symbol.ts';

export type AnyCall = ServerUnaryCall<object, object> | ServerWritableStream<object, object>;

/** One metadata value as text, empty when there is none. */
export const textIn = (metadata: Metadata, name: string): string => String(metadata.get(name)[0] ?? '');

/** Who stands at the gRPC door. What the limits say goes into `headers`. */
export function visitorOf(call: AnyCall, traceId: string, headers: Metadata): Visitor {
  const { metadata } = call;
  const ipAddress = call
    .getPeer()
    .replace(/:\d+$/, '')
    .replace(/^\[?(?:::ffff:)?([^\]]*)\]?$/, '$1');
  const userAgent = textIn(metadata, 'user-agent').slice(0, 512);
  return {
    authorization: textIn(metadata, 'authorization'),
    ipAddress,
    origin: { traceId, ipAddress, ...(userAgent === '' ? {} : { userAgent }) },
    announce: (rule, allowance) => {
      for (const [name, value] of Object.entries(limitHeaders(rule, allowance))) headers.set(name, value);
    },
  };
}

/**
 * A message as the operation's input: gRPC has no path or query, so its fields are dealt out by their schemas. What
 * REST has in the path may be written `BTC/USDT`, as everywhere else.
 */
export function readInput(
  { params, query, body: strictBody, looseBody: body = strictBody }: Partial<Operation>,
  message: Readonly<Record<string, unknown>>,
): Input<Operation> {
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, message[name]] as const));
  const inPath = Object.keys(params?.shape ?? {});
  const inQuery = Object.keys(query?.shape ?? {});
  const rest = Object.entries(message).filter(([name]) => !inPath.includes(name) && !inQuery.includes(name));
  const path = Object.entries(pick(inPath)).map(([name, value]) => [name, unslashed(value)] as const);
  return {
    params: params && validate(params, withoutAbsent(Object.fromEntries(path))),
    query: query && validate(query, withoutAbsent(pick(inQuery))),
    body: body && validate(body, Object.fromEntries(rest)),
  };
}

const unslashed = (value: unknown): unknown => (typeof value === 'string' ? dashed(value) : value);

const withoutAbsent = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
