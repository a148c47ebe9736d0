import type { IncomingMessage, ServerResponse } from 'node:http';
import type Koa from 'koa';
import type { Operation } from '../../contract/operation.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';

/** What a handler may know of the request beside its input. */
export interface Call<O extends Operation = Operation> {
  readonly caller: O['access'] extends 'none' | 'service' ? undefined : Caller;
  readonly origin: Origin;
  readonly idempotencyKey: string | undefined;
  setHeader(name: string, value: string): void;
}

export interface State {
  requestId: string;
  traceId: string;
  /** The operation's id once a route matched: the label of metrics and log lines. */
  operation?: string;
}

export type Context = Koa.ParameterizedContext<State>;
export type Middleware = Koa.Middleware<State>;
export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
