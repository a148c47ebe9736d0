/**
 * Every way the exchange can refuse a command, named once.
 *
 * A code is part of the public contract: REST, gRPC and Temporal carry it unchanged, so a code is never renamed.
 */
export const errorCodes = [
  'ACCOUNT_FROZEN',
  'ADJUSTMENT_NOT_FOUND',
  'ADJUSTMENT_NOT_POSSIBLE',
  'ASSET_EXISTS',
  'CASE_CHANGED',
  'CASE_NOT_FOUND',
  'CODE_USED',
  'DECISION_CLOSED',
  'DECISION_DUPLICATE',
  'FORBIDDEN',
  'IDEMPOTENCY_CONFLICT',
  'IDEMPOTENCY_IN_PROGRESS',
  'IDEMPOTENCY_KEY_REQUIRED',
  'INSUFFICIENT_FUNDS',
  'INVALID_CREDENTIALS',
  'INVALID_DECISION',
  'INVALID_PRICE',
  'INVALID_QUANTITY',
  'INVALID_REQUEST',
  'INVALID_TOKEN',
  'KYC_REQUIRED',
  'KYC_NOT_POSSIBLE',
  'LIMIT_EXCEEDED',
  'MARKET_CHANGED',
  'MARKET_DELISTED',
  'MARKET_EXISTS',
  'MARKET_NOT_ACTIVE',
  'MARKET_NOT_FOUND',
  'MARKET_POST_ONLY',
  'MARKET_RESCALING',
  'MARKET_STEP_FIXED',
  'METHOD_NOT_ALLOWED',
  'MIN_NOTIONAL',
  'NOT_FOUND',
  'OFFICER_NOT_PROVEN',
  'ORDER_ARCHIVED',
  'ORDER_CHANGED',
  'ORDER_IN_LIST',
  'ORDER_NOT_FOUND',
  'ORDER_NOT_OPEN',
  'PAYLOAD_TOO_LARGE',
  'POST_ONLY_WOULD_TAKE',
  'PRICE_OUT_OF_BAND',
  'RATE_LIMITED',
  'RELEASE_EXCEEDS_RESERVATION',
  'RESERVATION_NOT_FOUND',
  'SECOND_FACTOR_EXISTS',
  'SECOND_FACTOR_REQUIRED',
  'STOP_WOULD_TRIGGER',
  'TOO_MANY_ATTEMPTS',
  'TOO_SLOW',
  'TRADE_MISMATCH',
  'TRADE_NOT_FOUND',
  'TRANSFER_REFUSED',
  'UNAUTHENTICATED',
  'UNAVAILABLE',
  'UNSUPPORTED_MEDIA_TYPE',
  'WITHDRAWALS_HALTED',
  'WITHDRAWAL_NOT_FOUND',
  'WITHDRAWAL_NOT_POSSIBLE',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** One fault of an input: where (RFC 6901 pointer into the body, or the parameter's name) and what is wrong. */
export interface FieldFault {
  readonly pointer: string;
  readonly code: ErrorCode;
  readonly detail: string;
}

export interface RefusalDetails {
  readonly errors?: readonly FieldFault[];
  /** Seconds after which the same request may work. */
  readonly retryAfter?: number;
  readonly [name: string]: unknown;
}

/** A refusal: the caller asked for something the rules forbid. The message is a sentence that says what to do. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  /** Safe to show the caller: ids, amounts and limits only, never personal data or internals. */
  readonly details: RefusalDetails;

  constructor(code: ErrorCode, message: string, details: RefusalDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** Whether an error is a refusal for this reason. */
export const hasCode = (error: unknown, code: ErrorCode): boolean =>
  error instanceof DomainError && error.code === code;

/** A bug, not a refusal: our own books or state contradict themselves. Never catch it to carry on. */
export function invariant(condition: boolean, broken: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${broken}`);
}
