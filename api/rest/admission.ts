import { isIP } from 'node:net';
import { type Access, type Bucket, type Operation } from '../../contract/operation.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Caller } from '../../domain/identity/user.ts';
import type { Origin } from '../../domain/origin.ts';
import type { Allowance, RateLimiter, Rule } from '../../platform/rate-limit.ts';
import type { Context } from './call.ts';

export interface AdmissionDeps {
  /** Proves an access token. Throws UNAUTHENTICATED, or UNAVAILABLE when that cannot be told now. */
  readonly authenticate: (accessToken: string, origin: Origin) => Promise<Caller>;
  /** True for the token internal services send. */
  readonly isServiceToken: (token: string) => boolean;
  readonly limiter: RateLimiter;
  readonly rules: LimitRules;
  readonly trustedProxies: ReadonlySet<string>;
}

export type LimitRules = Readonly<Record<Bucket | 'anonymous', Rule>> & { readonly enabled: boolean };

export interface Admission {
  readonly caller: Caller | undefined;
  readonly origin: Origin;
}

/**
 * Decides whether a request may reach its operation: who calls, whether the role allows it, and whether the limits do.
 * Throws UNAUTHENTICATED, FORBIDDEN or RATE_LIMITED. A false token counts against its address.
 */
export async function admit(ctx: Context, operation: Operation, deps: AdmissionDeps, cost: number): Promise<Admission> {
  const ipAddress = addressOf(ctx, deps.trustedProxies);
  const origin = originOf(ctx, ipAddress);
  if (operation.access === 'none') {
    await draw(ctx, deps, 'anonymous', ipAddress, 1);
    return { caller: undefined, origin };
  }
  const token = /^Bearer ([\x21-\x7e]+)$/i.exec(ctx.get('authorization'))?.[1];
  if (operation.access === 'service') {
    if (token !== undefined && deps.isServiceToken(token)) return { caller: undefined, origin };
    await draw(ctx, deps, 'anonymous', ipAddress, 1);
    throw new DomainError('UNAUTHENTICATED', 'Send a service token as Authorization: Bearer.');
  }
  const caller = await prove(ctx, deps, token, ipAddress, origin);
  if (!mayCall(operation.access, caller)) throw new DomainError('FORBIDDEN', 'Your role does not allow this.');
  await draw(ctx, deps, operation.bucket ?? 'general', caller.userId, cost);
  return { caller, origin };
}

async function prove(
  ctx: Context,
  deps: AdmissionDeps,
  token: string | undefined,
  ipAddress: string,
  origin: Origin,
): Promise<Caller> {
  try {
    if (token === undefined) throw new DomainError('UNAUTHENTICATED', 'Log in and send Authorization: Bearer.');
    return await deps.authenticate(token, origin);
  } catch (error) {
    const refused = error instanceof DomainError && error.code === 'UNAUTHENTICATED';
    if (refused) await draw(ctx, deps, 'anonymous', ipAddress, 1);
    throw error;
  }
}

/** Roles do not include one another: an officer is no administrator, and neither trades. */
function mayCall(access: Exclude<Access, 'none' | 'service'>, { role }: Caller): boolean {
  return access === 'user' || access === role;
}

async function draw(
  ctx: Context,
  { limiter, rules }: AdmissionDeps,
  name: Bucket | 'anonymous',
  key: string,
  cost: number,
): Promise<void> {
  if (!rules.enabled) return;
  const allowance = await limiter.take(rules[name], key, cost);
  announce(ctx, rules[name], allowance);
  if (allowance.allowed) return;
  throw new DomainError('RATE_LIMITED', 'Too many requests. Wait as long as Retry-After says.', {
    retryAfter: allowance.resetSeconds,
  });
}

/** The IETF draft's fields, in structured-field form. */
function announce(ctx: Context, { name }: Rule, { limit, windowSeconds, remaining, resetSeconds }: Allowance): void {
  ctx.set('RateLimit-Policy', `"${name}";q=${limit};w=${windowSeconds}`);
  ctx.set('RateLimit', `"${name}";r=${remaining};t=${resetSeconds}`);
}

const originOf = (ctx: Context, ipAddress: string): Origin => {
  const userAgent = ctx.get('user-agent').slice(0, 512);
  return { traceId: ctx.state.traceId, ipAddress, ...(userAgent === '' ? {} : { userAgent }) };
};

/** The client's address: the connection's, or the last one in X-Forwarded-For that no trusted proxy added. */
function addressOf(ctx: Context, trusted: ReadonlySet<string>): string {
  const plain = (address: string): string => address.replace(/^::ffff:/, '');
  let address = plain(ctx.req.socket.remoteAddress ?? '');
  const hops = ctx
    .get('x-forwarded-for')
    .split(',')
    .map((hop) => hop.trim());
  while (trusted.has(address)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) break;
    address = plain(hop);
  }
  return address;
}
