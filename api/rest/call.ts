import type Koa from 'koa';

export interface State {
  requestId: string;
  traceId: string;
  /** The operation's id once a route matched: the label of metrics and log lines. */
  operation?: string;
}

export type Context = Koa.ParameterizedContext<State>;
export type Middleware = Koa.Middleware<State>;
