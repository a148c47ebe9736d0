import type { z } from 'zod';
import type { Input, Operation } from '../../contract/operation.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { AnyHandler, Handler, Reader } from '../answer.ts';

/** Where a stream's messages go, in the shape of the reply. */
export interface Outlet {
  send(message: object): void;
  /** Ends the stream with what went wrong. */
  fail(error: unknown): void;
  /** Aborts when the receiver is gone or the stream is ended for it. */
  readonly signal: AbortSignal;
}

/** An RPC that is one of REST's operations. */
export interface UnaryMethod {
  readonly kind: 'unary';
  /** The operation's id: idempotency keys count for both doors alike. */
  readonly id: string;
  readonly operation: Operation;
  readonly handler: AnyHandler;
}

/** What a stream is asked for with, who may ask, and what each of its messages looks like. */
export interface Streamed {
  readonly access: 'none' | 'user';
  readonly params?: z.ZodObject;
  readonly message: z.ZodType;
}

/** Begins one subscription, which lasts until the outlet's signal aborts. */
export type OpenStream<S extends Streamed = Streamed> = (
  input: { readonly params: S['params'] extends z.ZodType ? z.output<S['params']> : undefined },
  caller: S['access'] extends 'user' ? Caller : undefined,
  out: Outlet,
) => Promise<void>;

/** An RPC that goes on; it has no REST counterpart, its messages are those of the WebSocket. */
export interface StreamMethod {
  readonly kind: 'stream';
  readonly operation: Streamed;
  readonly open: (input: Input<Operation>, caller: Caller | undefined, out: Outlet) => Promise<void>;
}

export type Method = UnaryMethod | StreamMethod;

/** The RPCs of each service, by the names the proto package gives them. */
export type ServiceTable = Readonly<Record<string, Readonly<Record<string, Method>>>>;

/** Makes an RPC of an operation and its handler. */
export const unary = <O extends Operation>(id: string, operation: O, handler: Handler<O>): UnaryMethod => ({
  kind: 'unary',
  id,
  operation,
  // The signature ties the handler to its operation; the server sees all as one kind.
  handler: handler,
});

/** The same for services in place of people. */
export const unaryForServices = <O extends Operation>(id: string, operation: O, handler: Reader<O>): UnaryMethod => ({
  ...unary<Operation>(id, { ...operation, access: 'service' }, handler as unknown as Handler<Operation>),
});

/** Makes an RPC that goes on. */
export const stream = <S extends Streamed>(operation: S, open: OpenStream<S>): StreamMethod => ({
  kind: 'stream',
  operation,
  open: open as unknown as StreamMethod['open'],
});
