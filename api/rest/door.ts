import Router from '@koa/router';
import type { Input, Operation, Reply } from '../../contract/operation.ts';
import { DomainError } from '../../domain/errors.ts';
import { errorCatalogue } from '../../contract/error-catalogue.ts';
import type { IdempotencyService } from '../../services/idempotency.ts';
import { toProblem } from '../present/problem.ts';
import { type Admission, type AdmissionDeps, admit } from './admission.ts';
import type { Call, Context, State } from './call.ts';
import { contentHash } from './content-hash.ts';
import { readJsonBody } from './json-body.ts';
import { validate } from './validate.ts';

export type Handler<O extends Operation> = (input: Input<O>, call: Call<O>) => Promise<Reply<O>>;

type AnyHandler = (input: Input<Operation>, call: Call) => Promise<unknown>;

/** One handler for each operation of a table: a missing one does not compile. */
export type Handlers<T extends Readonly<Record<string, Operation>>> = { readonly [K in keyof T]: Handler<T[K]> };

export interface DoorDeps extends AdmissionDeps {
  readonly idempotency: IdempotencyService;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const basePath = '/api/v1';

/** Mounts a table of operations as REST routes below /api/v1: admission, validation, idempotency, handler, answer. */
export function createDoor<T extends Readonly<Record<string, Operation>>>(
  operations: T,
  handlers: Handlers<T>,
  deps: DoorDeps,
): Router<State> {
  const router = new Router<State>({ prefix: basePath });
  for (const [id, operation] of Object.entries(operations)) {
    // The table's type ties each handler to its own operation; the loop sees them as one kind.
    const handler = handlers[id] as unknown as AnyHandler;
    const path = operation.path.replace(/\{(\w+)\}/g, ':$1');
    router.register(path, [operation.method], async (ctx) => {
      ctx.state.operation = id;
      await serve(ctx, id, operation, handler, deps);
    });
  }
  return router;
}

async function serve(ctx: Context, id: string, operation: Operation, handler: AnyHandler, deps: DoorDeps) {
  if (operation.access !== 'none') ctx.set('Cache-Control', 'no-store');
  const body = operation.body === undefined ? undefined : await readJsonBody(ctx);
  const admission = await admit(ctx, operation, deps, costOf(operation, body));
  const input = readInput(ctx, operation, body);
  const key = readKey(ctx, operation);
  const call = toCall(ctx, admission, key);
  const run = async (): Promise<Answer> => ({ status: operation.status, body: await handler(input, call) });
  if (key === undefined || operation.idempotency === 'own' || operation.method === 'GET') {
    write(ctx, await run());
    return;
  }
  const caller = admission.caller?.userId ?? (operation.access === 'service' ? 'service' : 'anonymous');
  const request = { caller, key, operation: id, contentHash: contentHash([input.params, input.query, input.body]) };
  write(ctx, await deps.idempotency.once(request, () => keepRefusals(run, ctx.state.traceId), worthKeeping));
}

/** A batch of orders costs as much as its orders would one by one. */
function costOf(operation: Operation, body: unknown): number {
  if (operation.bucket !== 'orders') return 1;
  const { orders } = (body ?? {}) as { orders?: unknown };
  return Array.isArray(orders) ? Math.max(1, orders.length) : 1;
}

function readInput(ctx: Context, { params, query, body: bodySchema }: Operation, body: unknown): Input<Operation> {
  const given = ctx as Context & { params: Record<string, string> };
  return {
    params: params && validate(params, given.params),
    query: query && validate(query, { ...ctx.query }),
    body: bodySchema && validate(bodySchema, body),
  };
}

const keyPattern = /^[\x21-\x7e]{1,255}$/;

function readKey(ctx: Context, operation: Operation): string | undefined {
  const key = ctx.get('idempotency-key');
  if (key === '') {
    if (operation.idempotency !== 'required') return undefined;
    throw new DomainError('IDEMPOTENCY_KEY_REQUIRED', 'Send an Idempotency-Key header, so that a retry is safe.');
  }
  if (keyPattern.test(key)) return key;
  throw new DomainError('INVALID_REQUEST', 'Send an Idempotency-Key of 1 to 255 visible ASCII characters.');
}

const toCall = (ctx: Context, { caller, origin }: Admission, idempotencyKey: string | undefined): Call => ({
  // `admit` answers a caller for every access but none and service, which is what the type says.
  caller: caller as Call['caller'],
  origin,
  idempotencyKey,
  setHeader: (name, value) => ctx.set(name, value),
});

/** A refusal is the first answer too: the same key gets it again. */
async function keepRefusals(run: () => Promise<Answer>, traceId: string): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof DomainError) || errorCatalogue[error.code].http === 503) throw error;
    return { status: errorCatalogue[error.code].http, body: toProblem(error, traceId) };
  }
}

const worthKeeping = ({ status }: Answer): boolean => status < 500 && status !== 429;

function write(ctx: Context, { status, body }: Answer): void {
  ctx.status = status;
  if (body === undefined || body === null) return;
  ctx.body = JSON.stringify(body);
  ctx.type = status >= 400 ? 'application/problem+json' : 'application/json';
}
