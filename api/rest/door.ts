import Router from '@koa/router';
import type { Input, Operation } from '../../contract/operation.ts';
import type { IdempotencyService } from '../../services/idempotency.ts';
import { type AdmissionDeps, admit } from '../admission.ts';
import { type Answer, answer, type AnyHandler, costOf, type Handlers, readIdempotencyKey } from '../answer.ts';
import { withinLoad } from '../load-limit.ts';
import { validate } from '../validate.ts';
import type { Context, State } from './call.ts';
import { wantsCsv, writeCsv } from './csv.ts';
import { readJsonBody } from './json-body.ts';
import { visitorOf } from './visitor.ts';

export type { Handlers };

export interface DoorDeps extends AdmissionDeps {
  readonly trustedProxies: ReadonlySet<string>;
  readonly idempotency: IdempotencyService;
}

const basePath = '/api/v1';

/** Mounts a table of operations as REST routes below /api/v1: admission, validation, idempotency, handler, answer. */
export function createDoor<T extends Readonly<Record<string, Operation>>>(
  operations: T,
  handlers: Handlers<T>,
  deps: DoorDeps,
): Router<State> {
  const router = new Router<State>({ prefix: basePath });
  const fixed = new Set(Object.values(operations).map(({ path }) => basePath + path));
  for (const [id, operation] of Object.entries(operations)) {
    // The table's type ties each handler to its own operation; the loop sees them as one kind.
    const handler = handlers[id] as unknown as AnyHandler;
    const path = operation.path.replace(/\{(\w+)\}/g, ':$1');
    router.register(path, [operation.method], async (ctx, next) => {
      // `/orders/batch` is no order's id, whatever the method: it goes on to be refused.
      if (operation.params !== undefined && fixed.has(ctx.path)) {
        await next();
        return;
      }
      ctx.state.operation = id;
      await serve(ctx, id, operation, handler, deps);
    });
  }
  return router;
}

async function serve(ctx: Context, id: string, operation: Operation, handler: AnyHandler, deps: DoorDeps) {
  if (operation.access !== 'none') ctx.set('Cache-Control', 'no-store');
  const body = operation.body === undefined ? undefined : await readJsonBody(ctx);
  // From here on: who sends slowly must not take others' places.
  const answered = await withinLoad(deps.load, operation, () => decide(ctx, { id, operation, handler, body }, deps));
  write(ctx, operation, answered);
}

interface Route {
  readonly id: string;
  readonly operation: Operation;
  readonly handler: AnyHandler;
  readonly body: unknown;
}

async function decide(ctx: Context, { id, operation, handler, body }: Route, deps: DoorDeps): Promise<Answer> {
  const admission = await admit(visitorOf(ctx, deps.trustedProxies), operation, deps, costOf(operation, body));
  const input = readInput(ctx, operation, body);
  const idempotencyKey = readIdempotencyKey(keyIn(ctx), operation);
  const setHeader = (name: string, value: string): void => ctx.set(name, value);
  return answer({ id, operation, handler, input, admission, idempotencyKey, setHeader }, deps.idempotency);
}

/** An empty one is not none: its sender believes that a retry is safe. */
const keyIn = ({ headers }: Context): string | undefined => headers['idempotency-key']?.toString();

function readInput(ctx: Context, operation: Operation, body: unknown): Input<Operation> {
  const { params, query, body: strictBody, looseBody: bodySchema = strictBody } = operation;
  const given = ctx as Context & { params: Record<string, string> };
  return {
    params: params && validate(params, given.params),
    query: query && validate(query, { ...ctx.query }),
    body: bodySchema && validate(bodySchema, body),
  };
}

function write(ctx: Context, { csv }: Operation, { status, body }: Answer): void {
  ctx.status = status;
  if (body === undefined || body === null) return;
  if (csv !== undefined && wantsCsv(ctx)) {
    writeCsv(ctx, csv, body as Parameters<typeof writeCsv>[2]);
    return;
  }
  ctx.body = JSON.stringify(body);
  ctx.type = status >= 400 ? 'application/problem+json' : 'application/json';
}
