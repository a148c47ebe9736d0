import { status as grpc } from '@grpc/grpc-js';
import type { ErrorCode } from '../domain/errors.ts';

interface ErrorEntry {
  readonly title: string;
  readonly http: number;
  readonly grpc: grpc;
}

const row = (title: string, http: number, code: grpc): ErrorEntry => ({ title, http, grpc: code });

/** The one table from a refusal to what each edge shows. `Record` makes a code without a row a compile error. */
export const errorCatalogue: Readonly<Record<ErrorCode, ErrorEntry>> = {
  ACCOUNT_FROZEN: row('Account frozen', 403, grpc.PERMISSION_DENIED),
  ADJUSTMENT_NOT_FOUND: row('Adjustment not found', 404, grpc.NOT_FOUND),
  ADJUSTMENT_NOT_POSSIBLE: row('Adjustment not possible', 422, grpc.FAILED_PRECONDITION),
  ASSET_EXISTS: row('Asset exists already', 409, grpc.ALREADY_EXISTS),
  CASE_CHANGED: row('The case changed since it was read', 409, grpc.ABORTED),
  CASE_NOT_FOUND: row('Case not found', 404, grpc.NOT_FOUND),
  CODE_USED: row('One-time code already used', 409, grpc.FAILED_PRECONDITION),
  DECISION_CLOSED: row('Already decided', 409, grpc.FAILED_PRECONDITION),
  DECISION_DUPLICATE: row('Officer already decided', 409, grpc.ALREADY_EXISTS),
  FORBIDDEN: row('Not allowed', 403, grpc.PERMISSION_DENIED),
  IDEMPOTENCY_CONFLICT: row('Id already used for a different request', 422, grpc.ALREADY_EXISTS),
  IDEMPOTENCY_IN_PROGRESS: row('The first request with this key is still running', 409, grpc.ABORTED),
  IDEMPOTENCY_KEY_REQUIRED: row('Idempotency key required', 400, grpc.INVALID_ARGUMENT),
  INSUFFICIENT_FUNDS: row('Insufficient available balance', 422, grpc.FAILED_PRECONDITION),
  INVALID_CREDENTIALS: row('Wrong e-mail, password or code', 401, grpc.UNAUTHENTICATED),
  INVALID_DECISION: row('Decision not possible', 422, grpc.INVALID_ARGUMENT),
  INVALID_PRICE: row('Invalid price', 422, grpc.INVALID_ARGUMENT),
  INVALID_QUANTITY: row('Invalid quantity', 422, grpc.INVALID_ARGUMENT),
  INVALID_REQUEST: row('Invalid request', 400, grpc.INVALID_ARGUMENT),
  INVALID_TOKEN: row('Invalid or expired link or token', 400, grpc.INVALID_ARGUMENT),
  KYC_NOT_POSSIBLE: row('Verification cannot be submitted now', 409, grpc.FAILED_PRECONDITION),
  KYC_REQUIRED: row('Identity verification required', 403, grpc.PERMISSION_DENIED),
  LIMIT_EXCEEDED: row('Limit exceeded', 422, grpc.FAILED_PRECONDITION),
  MARKET_CHANGED: row('The market changed since it was read', 409, grpc.ABORTED),
  MARKET_DELISTED: row('Market delisted', 409, grpc.FAILED_PRECONDITION),
  MARKET_EXISTS: row('Market exists already', 409, grpc.ALREADY_EXISTS),
  MARKET_NOT_ACTIVE: row('Market not active', 422, grpc.FAILED_PRECONDITION),
  MARKET_NOT_FOUND: row('Market not found', 404, grpc.NOT_FOUND),
  MARKET_POST_ONLY: row('Market accepts post-only orders', 422, grpc.FAILED_PRECONDITION),
  MARKET_RESCALING: row('Market is taking new steps', 409, grpc.ABORTED),
  MARKET_STEP_FIXED: row('Tick and lot cannot be changed now', 422, grpc.FAILED_PRECONDITION),
  METHOD_NOT_ALLOWED: row('Method not allowed', 405, grpc.UNIMPLEMENTED),
  MIN_NOTIONAL: row('Order value too small', 422, grpc.INVALID_ARGUMENT),
  NOT_FOUND: row('Not found', 404, grpc.NOT_FOUND),
  OFFICER_NOT_PROVEN: row('Officer not proven', 403, grpc.PERMISSION_DENIED),
  ORDER_ARCHIVED: row('Order archived', 409, grpc.FAILED_PRECONDITION),
  ORDER_CHANGED: row('The order changed since it was read', 409, grpc.ABORTED),
  ORDER_IN_LIST: row('Order is a leg of a list', 409, grpc.FAILED_PRECONDITION),
  ORDER_NOT_FOUND: row('Order not found', 404, grpc.NOT_FOUND),
  ORDER_NOT_OPEN: row('Order not open', 409, grpc.FAILED_PRECONDITION),
  PAYLOAD_TOO_LARGE: row('Request too large', 413, grpc.RESOURCE_EXHAUSTED),
  POST_ONLY_WOULD_TAKE: row('Post-only order would take', 422, grpc.FAILED_PRECONDITION),
  PRICE_OUT_OF_BAND: row('Price out of band', 422, grpc.INVALID_ARGUMENT),
  RATE_LIMITED: row('Too many requests', 429, grpc.RESOURCE_EXHAUSTED),
  RELEASE_EXCEEDS_RESERVATION: row('More than is reserved', 422, grpc.FAILED_PRECONDITION),
  RESERVATION_NOT_FOUND: row('Reservation not found', 404, grpc.NOT_FOUND),
  SECOND_FACTOR_EXISTS: row('Second factor already set up', 409, grpc.FAILED_PRECONDITION),
  SECOND_FACTOR_REQUIRED: row('Second factor required', 403, grpc.PERMISSION_DENIED),
  STOP_WOULD_TRIGGER: row('Stop would trigger at once', 422, grpc.FAILED_PRECONDITION),
  TOO_MANY_ATTEMPTS: row('Too many attempts', 429, grpc.RESOURCE_EXHAUSTED),
  TOO_SLOW: row('Reader too slow', 429, grpc.RESOURCE_EXHAUSTED),
  TRADE_MISMATCH: row('Trade differs from the books', 422, grpc.FAILED_PRECONDITION),
  TRADE_NOT_FOUND: row('Trade not found', 404, grpc.NOT_FOUND),
  TRANSFER_REFUSED: row('Transfer refused', 422, grpc.FAILED_PRECONDITION),
  UNAUTHENTICATED: row('Login required', 401, grpc.UNAUTHENTICATED),
  UNAVAILABLE: row('Temporarily unavailable', 503, grpc.UNAVAILABLE),
  UNSUPPORTED_MEDIA_TYPE: row('Unsupported media type', 415, grpc.INVALID_ARGUMENT),
  WITHDRAWALS_HALTED: row('Withdrawals of this asset are halted', 409, grpc.FAILED_PRECONDITION),
  WITHDRAWAL_NOT_FOUND: row('Withdrawal not found', 404, grpc.NOT_FOUND),
  WITHDRAWAL_NOT_POSSIBLE: row('Withdrawal not possible in this state', 409, grpc.FAILED_PRECONDITION),
};
