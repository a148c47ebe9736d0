import { CompleteAsyncError, type Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { DomainError } from '../../domain/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { inTrace } from '../../platform/telemetry.ts';
import { toApplicationFailure, withoutStack } from '../refusal.ts';

/**
 * Decides what of an activity's error may be seen: failures are stored unencrypted and shown in the UI. A refusal
 * passes as itself; a fault is replaced by its trace id, and the original goes to the log, under the same id.
 */
export function createActivityInterceptors(log: Logger): ActivityInterceptorsFactory {
  return (context) => ({
    inbound: {
      execute: (input, next) =>
        inTrace(`activity ${context.info.activityType}`, {}, async (traceId) => {
          try {
            return await next(input);
          } catch (error) {
            throw present(error, { context, traceId, log });
          }
        }),
    },
  });
}

interface Surroundings {
  readonly context: Context;
  readonly traceId: string;
  readonly log: Logger;
}

function present(error: unknown, { context, traceId, log }: Surroundings): unknown {
  if (error instanceof DomainError) return toApplicationFailure(error);
  if (error instanceof CompleteAsyncError || error instanceof CancelledFailure) return error;
  if (context.cancellationSignal.aborted && error instanceof Error && error.name === 'AbortError') return error;
  const { activityType, attempt, workflowExecution } = context.info;
  log.error(
    { err: error, trace_id: traceId, activity: activityType, attempt, workflow_id: workflowExecution?.workflowId },
    'An activity failed',
  );
  return withoutStack(ApplicationFailure.retryable(`FAULT, trace ${traceId}`, 'FAULT'));
}
