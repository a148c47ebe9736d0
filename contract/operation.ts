import type { z } from 'zod';
import type { ErrorCode } from '../domain/errors.ts';

/**
 * Who may call. `none`: anybody; `user`: any signed-in person; `staff`: officers and administrators; the rest by role
 * or, for `service`, by service token.
 */
export type Access = 'none' | 'user' | 'staff' | 'compliance' | 'admin' | 'service';

/** Which bucket of the rate limits a call draws on. Orders and cancels have their own. */
export type Bucket = 'general' | 'orders' | 'cancels';

/** What an Idempotency-Key looks like. */
export const keyPattern = /^[\x21-\x7e]{1,255}$/;

/** One thing the outside can ask for: the route table, the validators, the types and OpenAPI all come from this. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** In OpenAPI's form: `/orders/{order_id}`, below the base path. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  readonly bucket?: Bucket;
  /** How much of it one call draws; one when left out. */
  readonly cost?: number;
  /**
   * `required`: refused without an Idempotency-Key. `own`: the operation's own id does that work. `handled`: the
   * handler honours the key. `repeatable`: safe to run twice at once, so that a retry waits for no first run that may
   * have died.
   */
  readonly idempotency?: 'required' | 'own' | 'handled' | 'repeatable';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** What a door demands of the body in place of `body`, where the handler judges its items one by one. */
  readonly looseBody?: z.ZodObject;
  /** Status and shape of a success; `undefined` is an answer without body. */
  readonly status: 200 | 201 | 202 | 204;
  readonly reply?: z.ZodType;
  /** A list that can be had as CSV too, by `Accept: text/csv`: its columns. */
  readonly csv?: readonly string[];
  /** It may answer 202 as well: what was asked is committed, and not done yet. */
  readonly maybeLater?: true;
  /** Refusals that are this operation's own, beside those every route may give. */
  readonly refusals?: readonly ErrorCode[];
}

/** Keeps an operation's literal types. */
export const operation = <const T extends Operation>(described: T): T => described;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** An operation's validated input. */
export interface Input<O extends Operation> {
  readonly params: Parsed<O['params']>;
  readonly query: Parsed<O['query']>;
  readonly body: O extends { readonly looseBody: infer S } ? Parsed<S> : Parsed<O['body']>;
}

/** What a handler answers: the reply's shape before it is written. */
export type Reply<O extends Operation> = O['reply'] extends z.ZodType ? z.input<O['reply']> : undefined;
