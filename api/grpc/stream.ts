import { Metadata, type ServerWritableStream, type StatusObject, status } from '@grpc/grpc-js';
import { DomainError } from '../../domain/errors.ts';
import { inTrace } from '../../platform/telemetry.ts';
import { admit, bearerToken } from '../admission.ts';
import type { StreamMethod } from './method.ts';
import { readInput, textIn, visitorOf } from './request.ts';
import type { Route, ServeDeps } from './serve.ts';
import { toStatus } from './status.ts';

export interface StreamDeps extends ServeDeps {
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
  /** How often a signed-in reader's session is checked again. */
  readonly recheckMs: number;
  /** Messages that may wait for a reader. */
  readonly maxWaiting: number;
}

type StreamCall = ServerWritableStream<object, object>;

/** Serves one server-streaming RPC until its reader leaves or is too slow, its session ends or the server stops. */
export const serveStream =
  (route: Route, method: StreamMethod, deps: StreamDeps) =>
  (call: StreamCall): void => {
    void inTrace(route.name, call.metadata.getMap(), async (traceId) => {
      const done = deps.metrics.begin(route.name);
      const ended = await follow(route, method, call, traceId, deps).catch((error: unknown) => {
        if (!(error instanceof DomainError)) deps.log.error({ err: error, method: route.name }, 'A stream failed');
        return toStatus(error, traceId);
      });
      if (ended === undefined) call.end();
      // Not `destroy`: the status goes out after what is already waiting.
      else call.emit('error', Object.assign(new Error(ended.details), ended));
      done(ended?.code ?? status.OK);
    });
  };

/** Resolves when the reader has left; rejects with what else ends the stream. */
async function follow(
  route: Route,
  method: StreamMethod,
  call: StreamCall,
  traceId: string,
  deps: StreamDeps,
): Promise<StatusObject | undefined> {
  const headers = new Metadata();
  const visitor = visitorOf(call, traceId, headers);
  const admission = await admit(visitor, method.operation, deps, 1);
  const input = readInput(method.operation, deps.messages.toJson(route.request, call.request));
  call.sendMetadata(headers);
  const over = new AbortController();
  const end = Promise.withResolvers<undefined>();
  const leave = (): void => end.resolve(undefined);
  const stop = (): void => end.reject(new DomainError('UNAVAILABLE', 'The server restarts. Connect again.'));
  call.on('cancelled', leave);
  call.on('close', leave);
  deps.stopping.addEventListener('abort', stop);
  const token = admission.caller === undefined ? undefined : bearerToken(textIn(call.metadata, 'authorization'));
  const recheck = setInterval(() => {
    if (token !== undefined) deps.authenticate(token, visitor.origin).catch(end.reject);
  }, deps.recheckMs);
  try {
    if (deps.stopping.aborted) stop();
    // Gone while it was admitted: nobody says so again.
    if (call.cancelled) leave();
    const send = (message: object): void => {
      if (call.writableLength > deps.maxWaiting)
        end.reject(new DomainError('TOO_SLOW', 'Read faster, or follow less.'));
      else call.write(deps.messages.toProto(route.response, message));
    };
    const opened = method.open(input, admission.caller, { send, fail: end.reject, signal: over.signal });
    opened.catch(end.reject);
    await end.promise;
    return;
  } finally {
    clearInterval(recheck);
    deps.stopping.removeEventListener('abort', stop);
    over.abort();
  }
}
