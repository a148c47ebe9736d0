import { DomainError, type ErrorCode } from '../domain/errors.ts';

/** Constraints that state a business rule, and the refusal each one means. Any other database error is a fault. */
const refusals: Readonly<Record<string, { readonly code: ErrorCode; readonly message: string }>> = {
  user_email_unique: { code: 'INVALID_TOKEN', message: 'This link is not valid any more.' },
  decision_officer_once: { code: 'DECISION_DUPLICATE', message: 'Not recorded: you decided before.' },
  available_not_negative: { code: 'INSUFFICIENT_FUNDS', message: 'The available balance is too small.' },
  reservation_not_overdrawn: { code: 'RELEASE_EXCEEDS_RESERVATION', message: 'Less than that is still reserved.' },
  reservation_matches: { code: 'RESERVATION_NOT_FOUND', message: 'This user has no such reservation.' },
  reservations_pkey: {
    code: 'IDEMPOTENCY_CONFLICT',
    message: 'Another reservation has this id. Use a new one.',
  },
};

/** A transfer's id is its journal's but for the last digit, so two ids of callers that differ in nothing else clash. */
const isTransferClash = (constraint: string): boolean => /^transfers_\w*pkey$/.test(constraint);

/** For `.catch`: rethrows a broken business rule as its DomainError, and everything else untouched. */
export function translateDbError(error: unknown): never {
  const constraint = (error as { constraint?: string } | null)?.constraint;
  if (constraint !== undefined && isTransferClash(constraint)) {
    throw new DomainError('IDEMPOTENCY_CONFLICT', 'An id too much like this one is in the books. Use a new one.');
  }
  const refusal = constraint === undefined ? undefined : refusals[constraint];
  throw refusal === undefined ? error : new DomainError(refusal.code, refusal.message);
}

/** The constraint or kind of data error (SQLSTATE classes 22 and 23) that an error means; undefined for any other. */
export function brokenRule(error: unknown): string | undefined {
  const { code, constraint } = (error ?? {}) as { code?: unknown; constraint?: unknown };
  if (typeof code !== 'string' || !/^2[23]/.test(code)) return undefined;
  return typeof constraint === 'string' ? constraint : code;
}

/** Deadlock, serialisation failure, lock timeout: rolled back for certain, and likely to succeed when repeated. */
const passing: ReadonlySet<unknown> = new Set(['40P01', '40001', '55P03']);

/** True when what failed did nothing and is worth trying again at once. */
export const isPassing = (error: unknown): boolean => passing.has((error as { code?: unknown } | null)?.code);
