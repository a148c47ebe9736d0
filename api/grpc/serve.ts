import { Metadata, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { DomainError } from '../../domain/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { inTrace } from '../../platform/telemetry.ts';
import type { IdempotencyService } from '../../services/idempotency.ts';
import { admit, type AdmissionDeps } from '../admission.ts';
import { withinLoad } from '../load-limit.ts';
import { answer, costOf, readIdempotencyKey } from '../answer.ts';
import type { Messages } from './messages.ts';
import type { UnaryMethod } from './method.ts';
import type { GrpcMetrics } from './metrics.ts';
import { readInput, visitorOf } from './request.ts';
import { refusalOf, toStatus } from './status.ts';

export interface ServeDeps extends AdmissionDeps {
  readonly idempotency: IdempotencyService;
  readonly messages: Messages;
  readonly metrics: GrpcMetrics;
  readonly log: Logger;
  readonly limits: CallLimits;
}

export interface CallLimits {
  /** Milliseconds after which a call without an answer is given up, whatever its own deadline. */
  readonly requestTimeout: number;
  /** Milliseconds that a connection may stay open without a call. */
  readonly idleTimeout: number;
  /** Connections beyond this are closed at once. */
  readonly maxConnections: number;
}

export interface Route {
  /** `OrderService.PlaceOrder`, for logs and metrics. */
  readonly name: string;
  readonly request: string;
  readonly response: string;
}

type UnaryCall = ServerUnaryCall<object, object>;

/**
 * Serves one unary RPC, from outside in: recovery (whatever is thrown becomes a status), trace, log line and duration,
 * deadline, admission, validation, idempotency, handler.
 */
export const serveUnary =
  (route: Route, method: UnaryMethod, deps: ServeDeps) =>
  (call: UnaryCall, callback: sendUnaryData<object>): void => {
    const begun = performance.now();
    void inTrace(route.name, call.metadata.getMap(), async (traceId) => {
      const headers = new Metadata();
      const done = deps.metrics.begin(route.name);
      try {
        const reply = await withinDeadline(
          call,
          deps.limits.requestTimeout,
          withinLoad(deps.load, method.operation, () => run(route, method, call, headers, traceId, deps)),
        );
        call.sendMetadata(headers);
        callback(null, reply);
        done(status.OK);
      } catch (error) {
        const refused = toStatus(error, traceId);
        if (!(error instanceof DomainError)) deps.log.error({ err: error, method: route.name }, 'A call failed');
        call.sendMetadata(headers);
        callback(refused);
        done(refused.code);
      }
      deps.log.debug({ method: route.name, duration_ms: performance.now() - begun }, 'Answered');
    });
  };

async function run(
  route: Route,
  { id, operation, handler }: UnaryMethod,
  call: UnaryCall,
  headers: Metadata,
  traceId: string,
  deps: ServeDeps,
): Promise<object> {
  const message = deps.messages.toJson(route.request, call.request);
  const admission = await admit(visitorOf(call, traceId, headers), operation, deps, costOf(operation, message));
  const input = readInput(operation, message);
  const idempotencyKey = readIdempotencyKey(call.metadata.get('idempotency-key')[0]?.toString(), operation);
  const setHeader = (name: string, value: string): void => headers.set(name, value);
  const asked = { id, operation, handler, input, admission, idempotencyKey, setHeader };
  const { status: http, body } = await answer(asked, deps.idempotency);
  if (http >= 400) throw refusalOf(body);
  return deps.messages.toProto(route.response, body ?? {});
}

/** The work goes on after the deadline: whether it was done is asked by its id, as after a lost connection. */
async function withinDeadline<T>(call: UnaryCall, longestMs: number, work: Promise<T>): Promise<T> {
  const deadline = call.getDeadline();
  const left = (deadline instanceof Date ? deadline.getTime() : deadline) - Date.now();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new DomainError('UNAVAILABLE', 'There was no answer in time. Ask again with the same id.')),
    Math.max(0, Math.min(left, longestMs)),
  );
  work.catch(() => undefined); // Lost to the deadline, its error has nobody to go to.
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
