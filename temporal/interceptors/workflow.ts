import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { DomainError } from '../../domain/errors.ts';
import { toApplicationFailure } from '../refusal.ts';

function refuse(error: unknown): never {
  throw error instanceof DomainError ? toApplicationFailure(error) : error;
}

/**
 * An activity's refusal inside an update is the update's own: the officer reads its sentence, not “Activity task
 * failed”.
 */
function refuseUpdate(error: unknown): never {
  if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) throw error.cause;
  return refuse(error);
}

/**
 * Runs inside the workflow sandbox. A refusal in a workflow's main function or in an update becomes a failure the
 * caller sees; any other error would be a bug, and makes the workflow task wait for a fix.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      execute: (input, next) => next(input).catch(refuse),
      handleUpdate: (input, next) => next(input).catch(refuseUpdate),
      validateUpdate: (input, next) => {
        try {
          next(input);
        } catch (error) {
          refuse(error);
        }
      },
    },
  ],
});
