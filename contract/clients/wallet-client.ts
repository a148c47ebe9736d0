import { z } from 'zod';
import { DomainError, type ErrorCode, type FieldFault } from '../../domain/errors.ts';
import { Problem } from '../common.ts';
import type { Input, Operation } from '../operation.ts';
import { internalWalletOperations } from '../wallets.ts';
import { type CallLimits, type CallListener, createCalls, standardLimits } from './calls.ts';

type Operations = typeof internalWalletOperations;
type Body<N extends keyof Operations> = Input<Operations[N]>['body'];
type Answer<N extends keyof Operations> = z.output<Operations[N]['reply']>;

/** The wallet API of the internal door, for other services. Every call carries its id, so that it may be sent twice. */
export interface WalletClient {
  /** Sets funds aside, once per `order_id`. */
  reserve(request: Body<'reserveFunds'>): Promise<Answer<'reserveFunds'>>;
  /** Gives back all that is left, once per `order_id`; or a part of it, once per key. */
  release(request: Body<'releaseFunds'>, idempotencyKey?: string): Promise<Answer<'releaseFunds'>>;
  /** Posts both legs and the fees of a trade, once per `trade_id`. */
  settleTrade(trade: Body<'settleTrade'>): Promise<Answer<'settleTrade'>>;
  balances(userId: string): Promise<Answer<'userWallets'>['items']>;
}

export interface WalletClientOptions {
  /** The internal door, such as `http://127.0.0.1:8081`. */
  readonly url: string;
  /** The service token. It is sent to this address and to no other. */
  readonly token: string;
  readonly listener?: CallListener;
  readonly limits?: CallLimits;
}

interface Sent {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly key?: string | undefined;
}

const silent: CallListener = { state: () => undefined, attempted: () => undefined, retried: () => undefined };

/**
 * A client of the wallet API. A refusal (4xx) rejects with its DomainError at once. Anything else that is no answer of
 * the contract is a fault: it is sent again, counts for the circuit breaker, and rejects with an error of its own.
 * Then the call may have done its work: repeat it with the same ids.
 */
export function createWalletClient(options: WalletClientOptions): WalletClient {
  const { url, token, listener = silent, limits = standardLimits } = options;
  const base = `${url.replace(/\/$/, '')}/api/v1`;
  const calls = createCalls(limits, listener);

  async function call<N extends keyof Operations>(name: N, { params = {}, body, key }: Sent): Promise<Answer<N>> {
    const operation: Operation & { readonly reply: z.ZodType } = internalWalletOperations[name];
    const path = operation.path.replace(/\{(\w+)\}/g, (_, param: string) => encodeURIComponent(params[param] ?? ''));
    const answer = await calls(name, async () => {
      const response = await fetch(base + path, {
        method: operation.method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(limits.timeoutMs),
      });
      return readAnswer(operation, response);
    });
    if (answer instanceof DomainError) throw answer;
    // What the operation's own schema let through.
    return answer as Answer<N>;
  }

  return {
    reserve: (body) => call('reserveFunds', { body }),
    release: (body, key) => call('releaseFunds', { body, key }),
    settleTrade: (body) => call('settleTrade', { body }),
    balances: async (userId) => (await call('userWallets', { params: { user_id: userId } })).items,
  };
}

/** Whatever its code: a newer service may have some that this client does not know. */
const Refusal = Problem.extend({ details: z.record(z.string(), z.unknown()).optional() });

/** The answer in its contract's shape, or the refusal. Throws when it is neither. */
async function readAnswer(operation: Operation & { readonly reply: z.ZodType }, response: Response): Promise<unknown> {
  const { status, headers } = response;
  if (status >= 500) throw new Error(`The wallet service answers ${status} to ${operation.path}.`);
  const body: unknown = await response.json();
  if (status === operation.status) return operation.reply.parse(body);
  const { code, detail, details, errors } = Refusal.parse(body);
  const retryAfter = Number(headers.get('retry-after') ?? 0);
  return new DomainError(code as ErrorCode, detail ?? code, {
    ...details,
    ...(errors && { errors: errors as FieldFault[] }),
    ...(retryAfter > 0 && { retryAfter }),
  });
}
