import { DomainError, hasCode } from '../../domain/errors.ts';
import type { Logger } from '../../platform/log.ts';

/** What was asked for, or why it could not be read or done: one of several that do not hinder each other. */
export type Several<T> = readonly PromiseSettledResult<T>[];

/** The result of one of several. Throws what it was refused with. */
export function valueOf<T>(one: PromiseSettledResult<T>): T {
  if (one.status === 'fulfilled') return one.value;
  throw one.reason;
}

/**
 * Waits for all, each with its own result, in order. Throws UNAVAILABLE when that is what came of every one. Logs
 * faults, which nobody else will meet.
 */
export async function settleSeveral<T>(works: readonly Promise<T>[], log: Logger): Promise<Several<T>> {
  const settled = await Promise.allSettled(works);
  const reasons = settled.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
  for (const err of reasons) if (!(err instanceof DomainError)) log.error({ err }, 'One of several failed');
  const allAway = reasons.length === settled.length && reasons.every((reason) => hasCode(reason, 'UNAVAILABLE'));
  if (settled.length > 0 && allAway) throw reasons[0];
  return settled;
}
