import type { Access, Bucket, Operation } from '../contract/operation.ts';
import { DomainError, hasCode } from '../domain/errors.ts';
import { type Caller, isStaff } from '../domain/identity/user.ts';
import type { Origin } from '../domain/origin.ts';
import type { LoadLimit } from './load-limit.ts';
import type { Allowance, RateLimiter, Rule } from '../platform/rate-limit.ts';

export interface AdmissionDeps {
  /** Proves an access token. Throws UNAUTHENTICATED, or UNAVAILABLE when that cannot be told now. */
  readonly authenticate: (accessToken: string, origin: Origin) => Promise<Caller>;
  /** True for the token internal services send. */
  readonly isServiceToken: (token: string) => boolean;
  readonly limiter: RateLimiter;
  readonly rules: LimitRules;
  /** Throws UNAVAILABLE while this process cannot know what time it is: then nothing is decided. */
  readonly requireRightTime: () => void;
  readonly load: LoadLimit;
}

export type LimitRules = Readonly<Record<Bucket | 'anonymous', Rule>> & { readonly enabled: boolean };

/** Who stands at a door, whichever it is. */
export interface Visitor {
  /** The value of `Authorization`, empty when there is none. */
  readonly authorization: string;
  readonly ipAddress: string;
  readonly origin: Origin;
  /** Told what a bucket has left, for the answer's headers. */
  announce(rule: Rule, allowance: Allowance): void;
}

export interface Admission {
  readonly caller: Caller | undefined;
  readonly origin: Origin;
}

/**
 * Decides whether a request may reach its operation: who calls, whether the role allows it, and whether the limits do.
 * Throws UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED or UNAVAILABLE. A false token counts against its address.
 */
export async function admit(
  visitor: Visitor,
  operation: Pick<Operation, 'access' | 'bucket'>,
  deps: AdmissionDeps,
  cost: number,
): Promise<Admission> {
  const { ipAddress, origin } = visitor;
  deps.requireRightTime();
  if (operation.access === 'none') {
    await draw(visitor, deps, 'anonymous', ipAddress, 1);
    return { caller: undefined, origin };
  }
  const token = bearerToken(visitor.authorization);
  if (operation.access === 'service') {
    if (token !== undefined && deps.isServiceToken(token)) return { caller: undefined, origin };
    await draw(visitor, deps, 'anonymous', ipAddress, 1);
    throw new DomainError('UNAUTHENTICATED', 'Send a service token as Authorization: Bearer.');
  }
  const caller = await prove(visitor, deps, token);
  if (!mayCall(operation.access, caller)) throw new DomainError('FORBIDDEN', 'Your role does not allow this.');
  await draw(visitor, deps, operation.bucket ?? 'general', caller.userId, cost);
  return { caller, origin };
}

/** The token in an `Authorization` value, if it holds one. */
export const bearerToken = (authorization: string): string | undefined =>
  /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];

async function prove(visitor: Visitor, deps: AdmissionDeps, token: string | undefined): Promise<Caller> {
  try {
    if (token === undefined) throw new DomainError('UNAUTHENTICATED', 'Log in and send Authorization: Bearer.');
    return await deps.authenticate(token, visitor.origin);
  } catch (error) {
    if (hasCode(error, 'UNAUTHENTICATED')) await draw(visitor, deps, 'anonymous', visitor.ipAddress, 1);
    throw error;
  }
}

/** Roles do not include one another: an officer is no administrator, and neither trades. */
function mayCall(access: Exclude<Access, 'none' | 'service'>, { role }: Caller): boolean {
  return access === 'user' || (access === 'staff' ? isStaff(role) : access === role);
}

async function draw(
  visitor: Visitor,
  { limiter, rules }: AdmissionDeps,
  name: Bucket | 'anonymous',
  key: string,
  cost: number,
): Promise<void> {
  if (!rules.enabled) return;
  const allowance = await limiter.take(rules[name], key, cost);
  visitor.announce(rules[name], allowance);
  if (allowance.allowed) return;
  if (cost > allowance.limit) {
    throw new DomainError('RATE_LIMITED', `Send at most ${allowance.limit} items at once: the limit allows no more.`);
  }
  throw new DomainError('RATE_LIMITED', 'Too many requests. Wait as long as Retry-After says.', {
    retryAfter: allowance.resetSeconds,
  });
}

/** The IETF draft's fields, in structured-field form. */
export const limitHeaders = (
  { name }: Rule,
  { limit, windowSeconds, remaining, resetSeconds }: Allowance,
): Readonly<Record<'RateLimit-Policy' | 'RateLimit', string>> => ({
  'RateLimit-Policy': `"${name}";q=${limit};w=${windowSeconds}`,
  RateLimit: `"${name}";r=${remaining};t=${resetSeconds}`,
});
