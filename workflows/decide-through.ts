import { ActivityFailure, ApplicationFailure, currentUpdateInfo, proxyActivities } from '@temporalio/workflow';
import type { DecisionToProve, OfficerActivities } from '../activities/officers.ts';
import type { Decision } from '../domain/compliance/decision.ts';
import { DomainError, invariant } from '../domain/errors.ts';
import { processes } from '../domain/processes.ts';
import type { Recorded } from '../temporal/names/decide.ts';

const { proveOfficer } = proxyActivities<OfficerActivities>({
  taskQueue: processes.kycReview.queue,
  startToCloseTimeout: '5s',
  // An officer waits for the answer, and her code is good for a minute.
  scheduleToCloseTimeout: '8s',
});

/**
 * Has an officer's decision proven and counted; call it from the handler of an update. A refusal is passed on; anything
 * else means that the decision may not have been recorded, and she is told to send it again: that does no harm.
 */
export async function decideThrough(
  about: DecisionToProve['about'],
  id: string,
  decision: Decision,
): Promise<Recorded> {
  const update = currentUpdateInfo();
  invariant(update !== undefined, 'a decision comes by an update');
  try {
    return await proveOfficer({
      ...decision,
      about,
      id,
      acceptedAt: new Date(Date.now()).toISOString(),
      updateId: update.id,
    });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const refused = error.cause instanceof ApplicationFailure && error.cause.nonRetryable === true;
    if (refused) throw error;
    throw new DomainError('OFFICER_NOT_PROVEN', 'Not recorded, send again with a fresh code.');
  }
}
