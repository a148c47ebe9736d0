import { activityInfo } from '@temporalio/activity';
import type { Decision } from '../domain/compliance/decision.ts';
import { invariant } from '../domain/errors.ts';
import type { Recorded, SentDecision, Through } from '../services/compliance/by-code.ts';

type Decide = (id: string, decision: SentDecision, through: Through) => Promise<Recorded>;

/** How a decision on each kind of case is made. */
export interface OfficerDeps {
  readonly kyc: Decide;
  readonly withdrawal: Decide;
  /** Taking a parked trade back. */
  readonly trade: Decide;
  /** Closing a case of breaks. */
  readonly breaks: Decide;
  readonly adjustment: Decide;
}

/** A decision on its way: `acceptedAt` and `updateId` come from the workflow that accepted the update. */
export interface DecisionToProve extends Decision {
  readonly about: keyof OfficerDeps;
  readonly id: string;
  readonly acceptedAt: string;
  readonly updateId: string;
}

/** Officers' decisions. Which workflow and run one came through is the server's word, not the payload's. */
export const createOfficerActivities = (decide: OfficerDeps) => ({
  /** Proves the officer and decides, in one transaction; the same update again gets the first answer. */
  async proveOfficer({ about, id, acceptedAt, updateId, ...decision }: DecisionToProve): Promise<Recorded> {
    const { workflowExecution } = activityInfo();
    invariant(workflowExecution !== undefined, 'a decision comes through a workflow');
    return decide[about](id, { ...decision, acceptedAt: new Date(acceptedAt) }, { ...workflowExecution, updateId });
  },
});

export type OfficerActivities = ReturnType<typeof createOfficerActivities>;
