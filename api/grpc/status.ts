import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { errorCatalogue } from '../../contract/error-catalogue.ts';
import { DomainError, type ErrorCode, errorCodes } from '../../domain/errors.ts';
import { toProblem } from '../present/problem.ts';

/**
 * The gRPC face of a refusal or fault. The code travels in the trailer `error-code`, so that a client can switch on it
 * as a REST client does, and the whole problem document in `problem-bin` (JSON). A fault shows no detail.
 */
export function toStatus(error: unknown, traceId: string): StatusObject {
  const problem = toProblem(error, traceId);
  const metadata = new Metadata();
  metadata.set('error-code', problem.code);
  metadata.set('problem-bin', Buffer.from(JSON.stringify(problem)));
  if (!(error instanceof DomainError)) return { code: status.INTERNAL, details: problem['title'], metadata };
  const { retryAfter } = error.details;
  if (retryAfter !== undefined) metadata.set('retry-after', String(retryAfter));
  return { code: errorCatalogue[error.code].grpc, details: error.message, metadata };
}

/** The refusal a stored problem document tells of. */
export function refusalOf(problem: unknown): DomainError {
  const {
    code,
    detail = '',
    details,
    errors,
  } = problem as Readonly<{
    code: string;
    detail?: string;
    details?: object;
    errors?: DomainError['details']['errors'];
  }>;
  const known: ErrorCode | undefined = errorCodes.find((name) => name === code);
  if (known === undefined) throw new Error('A stored answer has an unknown code');
  return new DomainError(known, detail, { ...details, ...(errors === undefined ? {} : { errors }) });
}
