import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { DomainError } from '../domain/errors.ts';

/**
 * A refusal as Temporal carries it: the code as its type, a sentence an officer can act on, and neither cause nor
 * stack, since failures are stored unencrypted. Never retried, except that what is unavailable now may be there
 * later.
 */
export function toApplicationFailure({ code, message, details }: DomainError): ApplicationFailure {
  return withoutStack(
    ApplicationFailure.create({
      type: code,
      message,
      nonRetryable: code !== 'UNAVAILABLE',
      details: [details],
      category: ApplicationFailureCategory.BENIGN,
    }),
  );
}

/** A stack names our files and, in its first line, repeats the message. */
export function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}
