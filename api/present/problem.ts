import { errorCatalogue } from '../../contract/error-catalogue.ts';
import { DomainError, type FieldFault } from '../../domain/errors.ts';

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly trace_id: string;
  readonly detail?: string;
  readonly errors?: FieldFault[];
  readonly [extra: string]: unknown;
}

/** A refusal or fault as problem+json (RFC 9457). A fault shows no detail: its message may name our internals. */
export function toProblem(error: unknown, traceId: string): ProblemDocument {
  if (!(error instanceof DomainError)) {
    return { type: 'about:blank', title: 'Internal error', status: 500, code: 'INTERNAL', trace_id: traceId };
  }
  const { title, http } = errorCatalogue[error.code];
  const { errors, retryAfter: _, ...details } = error.details;
  return {
    type: `/problems/${error.code}`,
    title,
    status: http,
    code: error.code,
    detail: error.message,
    ...(Object.keys(details).length > 0 ? { details } : {}),
    ...(errors === undefined ? {} : { errors: [...errors] }),
    trace_id: traceId,
  };
}
