import { errorCatalogue } from '../contract/error-catalogue.ts';
import { type Input, keyPattern, type Operation, type Reply } from '../contract/operation.ts';
import { largestBatch } from '../contract/order-batches.ts';
import { DomainError } from '../domain/errors.ts';
import type { Caller } from '../domain/identity/user.ts';
import type { Origin } from '../domain/origin.ts';
import type { IdempotencyService } from '../services/idempotency.ts';
import { unavailableWhenAway } from '../services/away.ts';
import type { Admission } from './admission.ts';
import { contentHash } from './content-hash.ts';
import { toProblem } from './present/problem.ts';

/** What a handler may know of the request beside its input. */
export interface Call<O extends Operation = Operation> {
  readonly caller: O['access'] extends 'none' | 'service' ? undefined : Caller;
  readonly origin: Origin;
  readonly idempotencyKey: string | undefined;
  setHeader(name: string, value: string): void;
  /** Answers 202 instead: what was asked is committed but not done, and `location` will tell. */
  accepted(location: string): void;
}

export type Handler<O extends Operation> = (input: Input<O>, call: Call<O>) => Promise<Reply<O>>;

/** A handler to which it is all the same who calls. */
export type Reader<O extends Operation> = (input: Input<O>) => Promise<Reply<O>>;

/** Any operation's handler, as the doors call it: the table it comes from ties it to its operation. */
export type AnyHandler = (input: Input<Operation>, call: Call) => Promise<unknown>;

/** One handler for each operation of a table: a missing one does not compile. */
export type Handlers<T extends Readonly<Record<string, Operation>>> = { readonly [K in keyof T]: Handler<T[K]> };

export type Readers<T extends Readonly<Record<string, Operation>>> = { readonly [K in keyof T]: Reader<T[K]> };

/** A validated request to an operation, whichever door it came through. */
export interface Asked {
  readonly id: string;
  readonly operation: Operation;
  readonly handler: AnyHandler;
  readonly input: Input<Operation>;
  readonly admission: Admission;
  readonly idempotencyKey: string | undefined;
  setHeader(name: string, value: string): void;
}

/** A success, or, from 400 on, the problem document of a refusal that was given before. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Runs an operation, once for its idempotency key: the doors share the keys as they share the operations. Throws
 * UNAVAILABLE when PostgreSQL is away.
 */
export const answer = (asked: Asked, idempotency: IdempotencyService): Promise<Answer> =>
  runOnce(asked, idempotency).catch(unavailableWhenAway);

async function runOnce(asked: Asked, idempotency: IdempotencyService): Promise<Answer> {
  const { id, operation, handler, input, admission, idempotencyKey: key } = asked;
  const { origin } = admission;
  // `admit` answers a caller for every access but none and service, which is what the type says.
  const caller = admission.caller as Call['caller'];
  let status: number = operation.status;
  const accepted = (location: string): void => {
    status = 202;
    asked.setHeader('Location', location);
  };
  const call = { caller, origin, idempotencyKey: key, setHeader: asked.setHeader, accepted };
  const run = async (): Promise<Answer> => {
    const body = await handler(input, call);
    return { status, body };
  };
  if (key === undefined || isUnkeyed(operation)) return run();
  const scope = admission.caller?.userId ?? (operation.access === 'service' ? 'service' : 'anonymous');
  const hash = contentHash([input.params, input.query, input.body]);
  const exclusive = operation.idempotency !== 'repeatable';
  const request = { caller: scope, key, operation: id, contentHash: hash, exclusive };
  return idempotency.once(request, () => keepRefusals(run, origin.traceId), worthKeeping);
}

const isUnkeyed = ({ method, idempotency }: Operation): boolean =>
  method === 'GET' || idempotency === 'own' || idempotency === 'handled';

/** A refusal is the first answer too: the same key gets it again. */
async function keepRefusals(run: () => Promise<Answer>, traceId: string): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof DomainError) || errorCatalogue[error.code].http === 503) throw error;
    return { status: errorCatalogue[error.code].http, body: toProblem(error, traceId) };
  }
}

/** Holds for retries, unless something was away for the moment, be it for one item of a batch. */
const worthKeeping = ({ status, body }: Answer): boolean => {
  const { items = [] } = (body ?? {}) as { items?: readonly { readonly problem?: { readonly status: number } }[] };
  return isLasting(status) && items.every(({ problem }) => problem === undefined || isLasting(problem.status));
};

const isLasting = (status: number): boolean => status < 500 && status !== 429;

/** Reads an Idempotency-Key. Throws when it is malformed, be it empty, or missing and required. */
export function readIdempotencyKey(key: string | undefined, operation: Operation): string | undefined {
  if (key === undefined) {
    if (operation.idempotency !== 'required') return undefined;
    throw new DomainError('IDEMPOTENCY_KEY_REQUIRED', 'Send an Idempotency-Key header, so that a retry is safe.');
  }
  if (keyPattern.test(key)) return key;
  throw new DomainError('INVALID_REQUEST', 'Send an Idempotency-Key of 1 to 255 visible ASCII characters.');
}

/** A batch costs as much as its items would one by one; one that is too large, no more than the largest. */
export function costOf({ looseBody, cost = 1 }: Operation, body: unknown): number {
  const [list = ''] = Object.keys(looseBody?.shape ?? {});
  const items = ((body ?? {}) as Readonly<Record<string, unknown>>)[list];
  return Array.isArray(items) ? Math.min(Math.max(1, items.length), largestBatch) : cost;
}
